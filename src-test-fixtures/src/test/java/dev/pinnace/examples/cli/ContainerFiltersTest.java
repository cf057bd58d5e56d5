package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.Health;
import dev.pinnace.spec.PortBinding;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerFiltersTest {
  private static final Digest BUSYBOX = digest("aa");
  private static final Digest ALPINE = digest("bb");
  private static final ExitStatus EXITED =
      new ExitStatus(
          3,
          Optional.empty(),
          false,
          false,
          false,
          false,
          "",
          Optional.empty(),
          Optional.empty(),
          0,
          new ExitStatus.Usage(Duration.ZERO, Bytes.of(0)));

  private static final List<ContainerState> ALL =
      List.of(
          state("web", "a1", 1, BUSYBOX, ContainerStatus.RUNNING, "tier=front"),
          state("db", "a2", 2, ALPINE, ContainerStatus.PAUSED, "tier=back"),
          state("old", "b3", 3, BUSYBOX, ContainerStatus.EXITED, "tier=front"),
          state("new", "c4", 4, digest("cc"), ContainerStatus.CREATED, "x=y"));

  private static Digest digest(String pair) {
    return Digest.parse("sha256:" + pair.repeat(32));
  }

  private static ContainerState state(
      String name, String id, int made, Digest image, ContainerStatus status, String label) {
    String[] sides = label.split("=", 2);
    boolean exited = status == ContainerStatus.EXITED;
    ContainerSpecBuilder spec = ContainerSpec.image("some").label(sides[0], sides[1]);
    if (name.equals("web")) {
      spec.network("backend");
    }
    if (name.equals("db")) {
      spec.expose(ContainerPort.udp(53));
    }
    return new ContainerState(
        new ContainerId(id + "0".repeat(62)),
        name,
        image,
        spec.build(),
        List.of(),
        name.equals("web") || name.equals("old")
            ? List.of(new PortBinding("0.0.0.0", 8080, ContainerPort.tcp(80)))
            : List.of(),
        Instant.ofEpochSecond(made),
        status,
        OptionalInt.empty(),
        Optional.empty(),
        0,
        exited ? Optional.of(EXITED) : Optional.empty(),
        name.equals("web")
            ? Optional.of(new Health(Health.Status.HEALTHY, 0, List.of()))
            : Optional.empty());
  }

  private static ContainerFilters parse(boolean all, String filters) {
    Map<String, Set<Digest>> images =
        Map.of(
            "busybox",
            Set.of(BUSYBOX),
            "alpine:3",
            Set.of(ALPINE),
            "base",
            Set.of(ALPINE, BUSYBOX));
    return ContainerFilters.parse(
        filters.isEmpty() ? List.of() : Arrays.asList(filters.split(" ", -1)),
        all,
        name -> images.getOrDefault(name, Set.of()),
        name ->
            ALL.stream()
                .filter(state -> state.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new NotFoundException("there is no container " + name))
                .created(),
        name -> name.equals("0b") ? "backend" : name);
  }

  private static String names(ContainerFilters filters) {
    Stream<ContainerState> met = ALL.stream().filter(filters::matches);
    return String.join(" ", met.map(ContainerState::name).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | web db old new",
        "id=a1 id=b3 | web old",
        "id=a | web db",
        "name=web name=^/db$ | web db",
        "name=web id=a2 | ''",
        "ancestor=busybox ancestor=alpine:3 | web db old",
        "ancestor=busybox | web old",
        "ancestor=nothing | ''",
        "ancestor=base | web db old",
        "publish=8080 | web",
        "publish=8000-9000/tcp | web",
        "publish=8080/udp | ''",
        "publish=80 | ''",
        "expose=80 | web",
        "expose=53/udp | db",
        "publish=8080 expose=53/udp | web db",
        "publish=8080 name=db | ''",
        "ancestor=nothing ancestor=alpine:3 | db",
        "exited=3 exited=4 | old",
        "exited=4 exited=5 | ''",
        "status=exited status=created | old new",
        "status=dead | ''",
        "status=removing status=paused | db",
        "label=tier label=tier=front | web old",
        "label=tier=back label=tier=front | ''",
        "health=healthy health=unhealthy | web",
        "health=none | db old new",
        "before=old | web db",
        "since=db | old new",
        "since=web before=new | db old",
        "before=db before=new | web",
        "network=backend | web",
        "network=0b network=none | web db old new",
        "network=none | db old new",
        "network=host | ''",
      })
  void parse_sameNames_areOneOfThem_differentNamesAll(String filters, String met) {
    assertThat(names(parse(true, filters))).isEqualTo(met);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | web db",
        "label=tier=front | web",
        "before=old | web db",
        "since=web | db",
        "exited=3 | old",
        "status=created | new",
      })
  void parse_notAll_thoseThatRunUnlessAStatusIsAskedFor(String filters, String met) {
    assertThat(names(parse(false, filters))).isEqualTo(met);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "status=up | use created, running, paused",
        "exited=no | write a number",
        "name=( | no regular expression",
        "health=fine | use starting, healthy",
        "publish=x | is no port",
        "expose=1/icmp | use tcp or udp",
        "color=red | use id, name, label",
        "web | write NAME=VALUE",
      })
  void parse_whatIsNotKnown_isRefused(String filters, String message) {
    assertThatThrownBy(() -> parse(true, filters))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("--filter " + filters)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"before=gone", "since=gone"})
  void parse_momentOfAContainerThatIsNotThere_isRefused(String filters) {
    assertThatThrownBy(() -> parse(true, filters))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("gone");
  }
}
