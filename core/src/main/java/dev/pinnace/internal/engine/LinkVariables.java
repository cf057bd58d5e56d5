package dev.pinnace.internal.engine;

import dev.pinnace.spec.ContainerPort;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The environment variables by which a container on the default bridge learns of a linked one. */
final class LinkVariables {
  private static final Comparator<ContainerPort> ORDER =
      Comparator.comparing(ContainerPort::protocol).thenComparing(ContainerPort::number);

  private final String prefix;
  private final String address;
  private final List<String> variables = new ArrayList<>();

  private LinkVariables(String alias, String address) {
    this.prefix = alias.toUpperCase(Locale.ROOT).replace('-', '_');
    this.address = address;
  }

  /**
   * {@code NAME=value}, as Docker has them.
   *
   * @param name of the container that has the link
   * @param alias in the link
   * @param address of the other one
   * @param ports that the other one exposes
   * @param environment of the other one
   */
  static List<String> of(
      String name,
      String alias,
      String address,
      Collection<ContainerPort> ports,
      Collection<String> environment) {
    LinkVariables link = new LinkVariables(alias, address);
    List<ContainerPort> sorted = ports.stream().distinct().sorted(ORDER).toList();
    sorted.stream().findFirst().ifPresent(first -> link.add("_PORT", link.url(first)));
    sorted.forEach(link::addPort);
    link.addRows(sorted);
    link.add("_NAME", "/" + name + "/" + alias);
    environment.forEach(variable -> link.variables.add(link.prefix + "_ENV_" + variable));
    return link.variables;
  }

  private void add(String suffix, String value) {
    variables.add(prefix + suffix + "=" + value);
  }

  private String url(ContainerPort port) {
    return port.protocol().word() + "://" + address + ":" + port.number();
  }

  private static String suffix(ContainerPort port) {
    return "_PORT_" + port.number() + "_" + port.protocol();
  }

  private void addPort(ContainerPort port) {
    add(suffix(port), url(port));
    add(suffix(port) + "_ADDR", address);
    add(suffix(port) + "_PORT", Integer.toString(port.number()));
    add(suffix(port) + "_PROTO", port.protocol().word());
  }

  /** Of ports that follow each other the first says which is the last. */
  private void addRows(List<ContainerPort> sorted) {
    int first = 0;
    for (int i = 1; i <= sorted.size(); i++) {
      if (i < sorted.size() && follows(sorted.get(i - 1), sorted.get(i))) {
        continue;
      }
      if (i - 1 > first) {
        addRow(sorted.get(first), sorted.get(i - 1));
      }
      first = i;
    }
  }

  private static boolean follows(ContainerPort before, ContainerPort after) {
    return after.protocol() == before.protocol() && after.number() == before.number() + 1;
  }

  private void addRow(ContainerPort first, ContainerPort last) {
    add(suffix(first) + "_START", url(first));
    add(suffix(first) + "_PORT_START", Integer.toString(first.number()));
    add(suffix(first) + "_END", url(last));
    add(suffix(first) + "_PORT_END", Integer.toString(last.number()));
  }
}
