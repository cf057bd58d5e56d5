package dev.pinnace.internal.container;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.internal.container.ResolverFile.Gateway;
import dev.pinnace.spec.NamespaceSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResolverFileTest {
  private static final Gateway OPEN = new Gateway("172.18.0.1", false, true);
  private static final Gateway ENCLOSED = new Gateway("172.18.0.1", true, true);
  private static final Gateway NAMELESS = new Gateway("172.17.0.1", false, false);
  private static final NamespaceSpec PLAIN = image("i").build().namespaces();
  private static final List<String> HOST =
      List.of(
          "# a comment",
          "nameserver 127.0.0.53",
          "nameserver 192.0.2.1",
          "nameserver 2001:db8::1",
          "nameserver 192.0.2.2",
          "nameserver 192.0.2.3",
          "domain old.test",
          "search corp.test  lab.test",
          "options edns0 ndots:3 timeout:2");

  @Test
  void text_gatewayFirst_thenWhatTheContainerCanReachOfTheHosts() {
    assertThat(ResolverFile.text(PLAIN, OPEN, HOST))
        .isEqualTo(
            """
            nameserver 172.18.0.1
            nameserver 192.0.2.1
            nameserver 192.0.2.2
            search corp.test lab.test
            options edns0 timeout:2 ndots:0
            """);
  }

  @Test
  void text_enclosed_gatewayAlone() {
    assertThat(ResolverFile.text(PLAIN, ENCLOSED, HOST))
        .startsWith("nameserver 172.18.0.1\nsearch corp.test");
    assertThat(ResolverFile.text(PLAIN, ENCLOSED, List.of()))
        .isEqualTo("nameserver 172.18.0.1\noptions ndots:0\n");
  }

  @Test
  void text_whatWasAskedFor_isInsteadOfTheHosts() {
    NamespaceSpec spec =
        image("i")
            .dns("127.0.0.1", "192.0.2.53")
            .dnsSearch(".")
            .dnsOption("ndots:2")
            .build()
            .namespaces();
    assertThat(ResolverFile.text(spec, OPEN, HOST))
        .isEqualTo(
            """
            nameserver 172.18.0.1
            nameserver 127.0.0.1
            nameserver 192.0.2.53
            options ndots:2
            """);
  }

  @Test
  void text_whereNobodyHasAName_optionsAreTheHosts() {
    assertThat(ResolverFile.text(PLAIN, NAMELESS, HOST))
        .isEqualTo(
            """
            nameserver 172.17.0.1
            nameserver 192.0.2.1
            nameserver 192.0.2.2
            search corp.test lab.test
            options edns0 ndots:3 timeout:2
            """);
    assertThat(ResolverFile.text(PLAIN, NAMELESS, List.of())).isEqualTo("nameserver 172.17.0.1\n");
  }
}
