-- Descant in Ardour: composes a phrase, plays it from beat 0 and records the notes that come out; then, in a second run,
-- opens what it saved, stores that as it came back, and records once more.
--
-- `cargo xtask validate ardour` runs all of it. By hand it needs Ardour 7 and the VST3 bundle, but neither sound hardware
-- nor a window:
--
--     cargo xtask install
--     LD_LIBRARY_PATH=/usr/lib/ardour7 /usr/lib/ardour7/ardour-vst3-scanner -f ~/.vst3/Descant.vst3
--     ardour7-lua tests/hosts/ardour.lua FOLDER
--     ardour7-lua tests/hosts/ardour.lua FOLDER reopen
--     python3 tests/hosts/ardour.py FOLDER
--
-- FOLDER is where the session goes and must not exist before the first run. The scanner stores what it finds with a time in
-- whole seconds: if Ardour does not know Descant right after copying, wait a second and scan again.

local N_BARS = 2
local N_PASSES = 2
local BEATS_PER_MINUTE = 120 -- of a new session
local MAX_COMPOSING_SECONDS = 120

-- Parameters set besides the phrase, by name: some of every kind, none as it is at first, so that none comes back by chance.
-- None of them changes when a note plays.
local SETTINGS = {
  { "Density", 70 }, { "Style", 3 }, { "Launch", 2 }, { "Preview level", -12 }, { "Melody channel", 5 }, { "Bass pan", -50 },
  { "MIDI through", 0 },
}

local folder = assert(arg and arg[1], "say in which folder the session goes")
local name = "descant"
local session

local function midi(n_ports)
  return ARDOUR.ChanCount(ARDOUR.DataType("midi"), n_ports)
end

local function new_track(track_name, instrument)
  local tracks = session:new_midi_track(
    midi(1), midi(1), false, instrument, nil, nil, 1, track_name,
    ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, false)
  return tracks:front()
end

-- A name that no plugin has gives a track without instrument.
local function plugin_info(plugin_name)
  return ARDOUR.LuaAPI.new_plugin_info(plugin_name, ARDOUR.PluginType.VST3)
end

local function disconnect(io)
  for port_idx = 0, io:n_ports():n_total() - 1 do
    io:nth(port_idx):disconnect_all()
  end
end

-- The stored state of the plugin as Ardour writes it. What was composed makes it longer.
local function stored_state()
  session:save_state("")
  local file = assert(io.open(folder .. "/" .. name .. ".ardour"))
  local text = file:read("a")
  file:close()
  return text:match("<chunk>(.-)</chunk>") or ""
end

local function set(track, label, value)
  local insert = track:nth_plugin(0)
  local plugin = insert:to_insert():plugin(0)
  for param_idx = 0, plugin:parameter_count() - 1 do
    if plugin:parameter_label(param_idx) == label then
      assert(ARDOUR.LuaAPI.set_processor_param(insert, param_idx, value), label .. " refuses the value")
      sleep(0.3) -- a few blocks
      return
    end
  end
  error("Descant has no parameter " .. label)
end

-- A session with Descant on one track, and a second one that records what it plays.
local function create()
  session = assert(create_session(folder, name, 48000), "cannot create the session")
  local instrument = plugin_info("Descant")
  assert(not instrument:isnil(), "Ardour does not know Descant: copy the bundle and scan it")
  local descant, recorder = new_track("Descant", instrument), new_track("Recorded", plugin_info(""))

  -- Recordings are moved back by the latency of the outputs, and what falls before the start is lost: connect none.
  disconnect(descant:output())
  disconnect(recorder:output())
  disconnect(session:master_out():output())
  local notes_out = descant:output():nth(descant:output():n_ports():n_audio())
  assert(notes_out:connect(recorder:input():nth(0):name()) == 0, "cannot connect the tracks")

  set(descant, "Bars", N_BARS)
  for _, setting in ipairs(SETTINGS) do
    set(descant, setting[1], setting[2])
  end
  local n_before = #stored_state()
  set(descant, "Generate", 1)
  set(descant, "Generate", 0)
  local n_seconds, n_now, n_then = 0, n_before, n_before
  repeat
    sleep(1)
    n_seconds, n_then, n_now = n_seconds + 1, n_now, #stored_state()
    assert(n_seconds < MAX_COMPOSING_SECONDS, "nothing was composed")
  until n_now > n_before + 1000 and n_now == n_then
end

-- The session that was saved. What came back is stored next to it, before anything plays.
local function reopen()
  session = assert(load_session(folder, name), "cannot open the session")
  sleep(2)
  session:save_state("reopened")
end

local function record()
  local recorder = session:route_by_name("Recorded"):to_track()
  session:set_control(recorder:rec_enable_control(), 1, PBD.GroupControlDisposition.NoGroup)
  session:maybe_enable_record(false)
  local by_user = ARDOUR.TransportRequestSource.TRS_UI
  session:request_locate(0, false, ARDOUR.LocateTransportDisposition.MustStop, by_user)
  sleep(1)
  session:request_roll(by_user)
  sleep(N_BARS * 4 * N_PASSES * 60 / BEATS_PER_MINUTE + 1)
  session:request_stop(false, false, by_user)
  sleep(2)
  session:save_state("")
end

if arg[2] == "reopen" then
  reopen()
  record()
else
  create()
  record()
  session:save_state("stored") -- to compare with, since the second run stores the session anew
end
close_session()
quit()
