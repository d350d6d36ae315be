-- Sends a file of prepared requests through wrk, which knows one request only: in turn, again and again, until so many
-- have been given out (0: until the time is over).
-- wrk -s replay.lua URL -- FILE REQUESTS_MAX
-- The file is a sequence of "<length>\n<that many bytes of a request as it goes over the wire>".

local ffi = require('ffi')
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } bench_time;
  int clock_gettime(int clock, bench_time *time);
  int getpid(void);
  int kill(int process, int signal);
]]

local monotonic, interrupt = 1, 2
local threads = {}

local function microseconds()
  local time = ffi.new('bench_time')
  ffi.C.clock_gettime(monotonic, time)
  return tonumber(time.seconds) * 1000000 + tonumber(time.nanoseconds) / 1000
end

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  requests, most, given, began, exhausted = {}, tonumber(args[2]), 0, 0, 0
  local file = assert(io.open(args[1], 'rb'))
  for length in function() return file:read('*l') end do
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
end

function request()
  -- One more than are sent: the first is asked for to see what it looks like, and comes again as the last.
  if most > 0 and given > most then
    -- wrk would go on until its time is over: it prints what it saw when it is interrupted.
    if exhausted == 0 then
      exhausted = microseconds()
      ffi.C.kill(ffi.C.getpid(), interrupt)
    end
    return ''
  end
  if given == 1 then began = microseconds() end
  given = given + 1
  return requests[(given - 1) % #requests + 1]
end

function done(summary, latency)
  local thread = threads[1]
  local exhaustedAt, given = thread:get('exhausted'), thread:get('given')
  io.write(string.format('seen {"answered":%d,"microseconds":%d,"given":%d,"givenMicroseconds":%d,',
    summary.requests, summary.duration, given - 1, exhaustedAt == 0 and 0 or exhaustedAt - thread:get('began')))
  io.write(string.format('"connect":%d,"read":%d,"write":%d,"timeout":%d,"not2xx":%d,',
    summary.errors.connect, summary.errors.read, summary.errors.write, summary.errors.timeout, summary.errors.status))
  io.write(string.format('"p50":%d,"p99":%d,"p999":%d}\n',
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
