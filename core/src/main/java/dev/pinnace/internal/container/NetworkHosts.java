package dev.pinnace.internal.container;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The lines of /etc/hosts that name the containers of a network: a block between two comments,
 * which is replaced as a whole. What is above and below stays as it is.
 */
public final class NetworkHosts {
  private static final String BEGIN =
      "# written by Pinnace, again and again: who is in the network";
  private static final String END = "# the end of what Pinnace writes again";

  private NetworkHosts() {}

  /**
   * A line, or two of them where there is an IPv6 address, too.
   *
   * @param names by which the address is found, the first of which is found by the address
   */
  public record Line(String address, Optional<String> ipv6, Collection<String> names) {
    String text() {
      Set<String> once = new LinkedHashSet<>(names);
      return Stream.concat(Stream.of(address), ipv6.stream())
          .map(one -> one + "\t" + String.join(" ", once) + "\n")
          .collect(Collectors.joining());
    }
  }

  /** The file with those lines instead of the ones that were there. */
  public static String replaced(String file, List<Line> lines) {
    int begin = file.indexOf(BEGIN + "\n");
    String above = begin < 0 ? file : file.substring(0, begin);
    int end = begin < 0 ? -1 : file.indexOf(END + "\n", begin);
    String below = end < 0 ? "" : file.substring(end + END.length() + 1);
    if (!above.isEmpty() && !above.endsWith("\n")) {
      above += "\n";
    }
    String block =
        lines.stream().map(Line::text).collect(Collectors.joining("", BEGIN + "\n", END + "\n"));
    return above + block + below;
  }
}
