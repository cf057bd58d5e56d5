package dev.pinnace.linux.plan;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a supervisor treats its container (docs/formats.md, <i>Policy</i>).
 *
 * @param flags what is on
 * @param restart when it starts the container again
 * @param maxRestarts 0 for no limit
 * @param firstBackoff the pause before the first restart; it doubles
 * @param longestBackoff the longest pause
 * @param backoffReset a run of this length resets the pause
 * @param stopSignal sent to stop it, unless the request names another
 * @param grace between that signal and SIGKILL
 * @param wallClock the longest run; zero for no limit
 * @param logBytes bytes a log file; 0 keeps no log
 * @param logFiles how many files
 * @param cgroupName offset in the blob of the cgroup's name
 * @param event offset in the blob of what is said of the container in events
 * @param eventLength its length in bytes
 */
public record SupervisorPolicy(
    Set<Flag> flags,
    Restart restart,
    int maxRestarts,
    Duration firstBackoff,
    Duration longestBackoff,
    Duration backoffReset,
    int stopSignal,
    Duration grace,
    Duration wallClock,
    long logBytes,
    int logFiles,
    int cgroupName,
    int event,
    int eventLength) {
  static final int SIZE = 96;

  /** Nobody waits longer, and the supervisor can add it to a time. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** A bit of the policy. */
  public enum Flag {
    BOUND(1),
    DURABLE(2),
    CAPPED(4),
    OUTER_PID(8),
    LISTEN(16),
    STDIN(32),
    CGROUP(64),
    SUPERVISOR_CGROUP(128),
    KILL_ON_CAP(256),
    ATTACHED(512),
    EVENTS(1024),
    OPEN_STDIN(2048),
    STDIN_ONCE(4096),
    JOINED_USER(8192),
    JOINED_NETWORK(16_384),
    JOINED_PID(32_768),
    JOINED_IPC(65_536),
    JOINED_UTS(131_072);

    private final int bit;

    Flag(int bit) {
      this.bit = bit;
    }
  }

  /** When a container is started again. */
  public enum Restart {
    NO(0),
    ON_FAILURE(1),
    ALWAYS(2),
    UNLESS_STOPPED(3);

    private final int number;

    Restart(int number) {
      this.number = number;
    }

    /** Its number in the format. */
    public int number() {
      return number;
    }
  }

  public SupervisorPolicy {
    flags = Set.copyOf(flags);
  }

  public static Builder builder() {
    return new Builder();
  }

  void encode(ByteBuffer out) {
    int start = out.position();
    out.putInt(flags.stream().mapToInt(f -> f.bit).sum());
    out.putInt(restart.number).putInt(maxRestarts);
    out.putInt(millis(firstBackoff)).putInt(millis(longestBackoff)).putInt(millis(backoffReset));
    out.putInt(stopSignal).putInt(millis(grace)).putLong(longMillis(wallClock)).putLong(logBytes);
    out.putInt(logFiles).putInt(cgroupName);
    out.putInt(0); // restarts that came before: no supervisor carries on for another
    out.putInt(event).putInt(eventLength);
    out.position(start + SIZE);
  }

  private static int millis(Duration duration) {
    return (int) Math.min(Integer.MAX_VALUE, longMillis(duration));
  }

  private static long longMillis(Duration duration) {
    return duration.compareTo(LONGEST) < 0 ? duration.toMillis() : LONGEST.toMillis();
  }

  String render() {
    List<String> words = new ArrayList<>();
    new TreeSet<>(flags).forEach(f -> words.add(f.name().toLowerCase(java.util.Locale.ROOT)));
    words.add(
        "restart="
            + restart.name().toLowerCase(java.util.Locale.ROOT)
            + (maxRestarts > 0 ? ":" + maxRestarts : ""));
    words.add("stop=" + stopSignal + "/" + grace.toMillis() + "ms");
    if (!wallClock.isZero()) {
      words.add("wall-clock=" + longMillis(wallClock) + "ms");
    }
    words.add("log=" + logBytes + "x" + logFiles);
    return String.join(" ", words);
  }

  /**
   * Collects a policy. Defaults: no flags, no restart, back-off 100 ms to 1 min reset after 10 s,
   * SIGTERM and 10 s, no limits, no log.
   */
  public static final class Builder {
    private final Set<Flag> flags = new TreeSet<>();
    private Restart restart = Restart.NO;
    private int maxRestarts;
    private int stopSignal = 15;
    private Duration grace = Duration.ofSeconds(10);
    private Duration wallClock = Duration.ZERO;
    private long logBytes;
    private int logFiles = 1;
    private int cgroupName;
    private int event;
    private int eventLength;

    private Builder() {}

    public Builder set(Flag flag, boolean on) {
      if (on) {
        flags.add(flag);
      } else {
        flags.remove(flag);
      }
      return this;
    }

    public Builder restart(Restart when, int atMost) {
      this.restart = when;
      this.maxRestarts = atMost;
      return this;
    }

    public Builder stop(int signal, Duration newGrace) {
      this.stopSignal = signal;
      this.grace = newGrace;
      return this;
    }

    public Builder wallClock(Duration limit) {
      this.wallClock = limit;
      return this;
    }

    public Builder log(long bytesPerFile, int files) {
      this.logBytes = bytesPerFile;
      this.logFiles = files;
      return this;
    }

    public Builder cgroupName(int blobOffset) {
      this.cgroupName = blobOffset;
      return this;
    }

    public Builder events(int blobOffset, String text) {
      this.event = blobOffset;
      this.eventLength = text.getBytes(StandardCharsets.UTF_8).length;
      return this;
    }

    public SupervisorPolicy build() {
      return new SupervisorPolicy(
          flags,
          restart,
          maxRestarts,
          Duration.ofMillis(100),
          Duration.ofMinutes(1),
          Duration.ofSeconds(10),
          stopSignal,
          grace,
          wallClock,
          logBytes,
          logFiles,
          cgroupName,
          event,
          eventLength);
    }
  }
}
