package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.ContainerPort;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkVariablesTest {
  private static List<String> of(String alias, ContainerPort... ports) {
    return LinkVariables.of(
        "web", alias, "172.17.0.2", List.of(ports), List.of("USER=me", "X=a=b"));
  }

  @Test
  void withoutPorts_nameAndEnvironment() {
    assertThat(of("my-db.1"))
        .containsExactly("MY_DB.1_NAME=/web/my-db.1", "MY_DB.1_ENV_USER=me", "MY_DB.1_ENV_X=a=b");
  }

  @Test
  void port_isToldWhole_andTheFirstIsThePort() {
    assertThat(of("db", ContainerPort.udp(53), ContainerPort.tcp(5432)))
        .containsExactly(
            "DB_PORT=tcp://172.17.0.2:5432",
            "DB_PORT_5432_TCP=tcp://172.17.0.2:5432",
            "DB_PORT_5432_TCP_ADDR=172.17.0.2",
            "DB_PORT_5432_TCP_PORT=5432",
            "DB_PORT_5432_TCP_PROTO=tcp",
            "DB_PORT_53_UDP=udp://172.17.0.2:53",
            "DB_PORT_53_UDP_ADDR=172.17.0.2",
            "DB_PORT_53_UDP_PORT=53",
            "DB_PORT_53_UDP_PROTO=udp",
            "DB_NAME=/web/db",
            "DB_ENV_USER=me",
            "DB_ENV_X=a=b");
  }

  @Test
  void portsThatFollowEachOther_areARow() {
    assertThat(
            of(
                "db",
                ContainerPort.tcp(80),
                ContainerPort.tcp(82),
                ContainerPort.tcp(81),
                ContainerPort.tcp(90),
                ContainerPort.udp(91)))
        .filteredOn(variable -> variable.contains("_START") || variable.contains("_END"))
        .containsExactly(
            "DB_PORT_80_TCP_START=tcp://172.17.0.2:80",
            "DB_PORT_80_TCP_PORT_START=80",
            "DB_PORT_80_TCP_END=tcp://172.17.0.2:82",
            "DB_PORT_80_TCP_PORT_END=82");
  }

  @Test
  void under_ownSaysMore_andStaysLast() {
    assertThat(ContainerLinks.under(List.of("A=own", "HOME=/"), List.of("A=told", "B=told")))
        .containsExactly("B=told", "A=own", "HOME=/");
  }
}
