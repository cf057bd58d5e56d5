package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * When a container is ready for whoever waits for it; see {@link dev.pinnace.Container#awaitReady}.
 * Immutable.
 */
public sealed interface Ready {
  /**
   * Lines that match, of its present run and those that follow it meanwhile; between two runs, of
   * those to come.
   *
   * @param pattern which is found in a line, be it of standard output or standard error
   * @param times how many such lines
   */
  record LogLines(Pattern pattern, int times) implements Ready {
    public LogLines {
      Objects.requireNonNull(pattern, "pattern");
      if (times < 1) {
        throw new InvalidSpecException("the number of lines must be positive: " + times);
      }
    }

    @Override
    public String toString() {
      return (times == 1 ? "a line" : times + " lines") + " of its log with \"" + pattern + "\"";
    }
  }

  /**
   * A TCP port that it listens on.
   *
   * @param port its number
   */
  record Port(int port) implements Ready {
    private static final int LAST = 65_535;

    public Port {
      if (port < 1 || port > LAST) {
        throw new InvalidSpecException("a port is a number from 1 to " + LAST + ": " + port);
      }
    }

    @Override
    public String toString() {
      return "TCP port " + port + " to be listened on";
    }
  }

  /**
   * A program that ends with 0.
   *
   * @param exec what is executed in it
   */
  record Command(ExecSpec exec) implements Ready {
    public Command {
      Objects.requireNonNull(exec, "exec");
    }

    @Override
    public String toString() {
      return "\"" + exec.command().get(0) + "\" to end with 0";
    }
  }

  /**
   * An answer over HTTP.
   *
   * @param port where it is asked for, on the loopback of the container's network namespace
   * @param path of the request, with a query if there is one
   * @param least the lowest status code that will do
   * @param most the highest one
   * @param timeout of one request; it is tried again after that
   */
  record Http(int port, String path, int least, int most, Duration timeout) implements Ready {
    private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(5);
    private static final int LOWEST = 100;
    private static final int HIGHEST = 599;

    public Http {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(timeout, "timeout");
      Port unused = new Port(port);
      if (!path.startsWith("/") || !path.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
        throw new InvalidSpecException(
            "the path of a request begins with / and has neither spaces nor other than ASCII"
                + " characters, which are written as %20: \""
                + path
                + "\"");
      }
      if (least < LOWEST || most > HIGHEST || least > most) {
        throw new InvalidSpecException(
            "status codes of HTTP are 100 to 599, the lower one first: " + least + " to " + most);
      }
      if (timeout.isZero() || timeout.isNegative()) {
        throw new InvalidSpecException("a request needs some time: " + timeout);
      }
    }

    /**
     * The same for other status codes; 200 to 399 by default.
     *
     * @throws InvalidSpecException outside 100 to 599, or if {@code newMost} is the lower one
     */
    public Http withStatus(int newLeast, int newMost) {
      return new Http(port, path, newLeast, newMost, timeout);
    }

    /**
     * The same with as much time for each request; five seconds by default.
     *
     * @throws InvalidSpecException if that is not positive
     */
    public Http withTimeout(Duration newTimeout) {
      return new Http(port, path, least, most, Objects.requireNonNull(newTimeout, "newTimeout"));
    }

    @Override
    public String toString() {
      return "an answer with status "
          + (least == most ? Integer.toString(least) : least + " to " + most)
          + " to GET "
          + path
          + " at port "
          + port;
    }
  }

  /** Its health check has found it healthy. */
  record Healthy() implements Ready {
    @Override
    public String toString() {
      return "its health check to succeed";
    }
  }

  /**
   * All of several conditions, each of which has held once.
   *
   * @param conditions at least one
   */
  record All(List<Ready> conditions) implements Ready {
    public All {
      conditions = List.copyOf(conditions);
      if (conditions.isEmpty()) {
        throw new InvalidSpecException(
            "without a condition there is nothing to wait for: name one");
      }
    }

    @Override
    public String toString() {
      return String.join(" and ", conditions.stream().map(Ready::toString).toList());
    }
  }

  /**
   * A line of its log that {@code regex} is found in. One that is not finished, as a prompt, counts
   * once nothing has been written for a fifth of a second.
   *
   * @throws InvalidSpecException if that is no regular expression, as {@link Pattern} has them
   */
  static Ready logLine(String regex) {
    return logLine(regex, 1);
  }

  /**
   * So many such lines: a server that starts twice says twice that it has.
   *
   * @throws InvalidSpecException if {@code regex} is no regular expression or {@code times} not
   *     positive
   */
  static Ready logLine(String regex, int times) {
    Objects.requireNonNull(regex, "regex");
    try {
      return new LogLines(Pattern.compile(regex), times);
    } catch (PatternSyntaxException e) {
      throw new InvalidSpecException(
          "\"" + regex + "\" is not a regular expression: " + e.getDescription());
    }
  }

  /**
   * A TCP port that somebody listens on in the container's network namespace, at whatever address,
   * as the kernel tells; nothing is connected to and nothing executed. With the host's network that
   * may be any process of the host.
   *
   * @throws InvalidSpecException if there is no such port
   */
  static Ready port(int port) {
    return new Port(port);
  }

  /**
   * An answer to a GET over HTTP/1.1 without TLS, at a port of the container's loopback (127.0.0.1,
   * then ::1), with a status of 200 to 399; redirections are not followed. It is asked from within
   * the container's network namespace, be it the host's or its own; nothing is executed there.
   *
   * <p>An ordinary user cannot enter a network namespace of the container's own: then {@code
   * awaitReady} throws {@link dev.pinnace.error.UnsupportedException}.
   *
   * @param path as in {@code /health?full=1}
   * @throws InvalidSpecException if there is no such port or that is no path
   */
  static Http http(int port, String path) {
    return new Http(port, path, 200, 399, Http.USUAL_TIMEOUT);
  }

  /**
   * A program that ends with 0 when it is executed in the container; it is tried again until so,
   * and no event tells of it. What it leaves running when it ends goes on.
   */
  static Ready command(String... command) {
    Objects.requireNonNull(command, "command");
    return command(ExecSpec.of(command));
  }

  /**
   * The same as a user, with an environment or a time limit of its own. At that limit, and when
   * nobody waits any more, it is killed with what it has started.
   */
  static Ready command(ExecSpec exec) {
    return new Command(exec);
  }

  /**
   * A health check that succeeds, be it run by this engine or another. One that makes the container
   * unhealthy meanwhile does not end the wait, for the next may succeed.
   *
   * <p>A container without a check is refused: {@link InvalidSpecException}.
   */
  static Ready healthy() {
    return new Healthy();
  }

  /**
   * All of them, in any order. What has held once is not looked at again.
   *
   * @throws InvalidSpecException if there are none
   */
  static Ready all(Ready... conditions) {
    Objects.requireNonNull(conditions, "conditions");
    return new All(List.of(conditions));
  }
}
