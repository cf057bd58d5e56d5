package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.HostPort;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.PortBinding;
import dev.pinnace.spec.RestartPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ports of containers that are reached at the host's. */
class PublishedPortTest extends PortFixture {
  @BeforeEach
  void makeNetwork() {
    engine.networks().create("net");
  }

  @Test
  void random_isKnownBeforeTheStart_andReachedWhileItRuns() {
    Container web = engine.containers().create(serving("web", "hello").publish(8080));
    HostPort port = web.port(8080);
    assertThat(port.port()).isPositive();
    assertThat(answers(port)).as("before its start").isFalse();
    web.start();
    eventually(() -> answer(port).equals("hello"));
    assertThat(web.port(8080)).isEqualTo(port);
    assertThat(web.inspect().ports()).isEqualTo(web.ports());
    web.stop();
    eventually(() -> !answers(port));
    web.start();
    assertThat(web.port(8080)).as("as long as it is free").isEqualTo(port);
    eventually(() -> answer(port).equals("hello"));
    web.remove(true);
    eventually(() -> !answers(port));
  }

  @Test
  void withoutAddress_isAtAll_ofBothFamilies() {
    int free = freePort();
    Container web = engine.containers().start(serving("web", "hello").publish(free, 8080));
    assertThat(web.ports())
        .containsExactly(
            new PortBinding("0.0.0.0", free, ContainerPort.tcp(8080)),
            new PortBinding("::", free, ContainerPort.tcp(8080)));
    for (String address : List.of("127.0.0.1", "127.0.0.2", "::1")) {
      eventually(() -> answer(new HostPort(address, free)).equals("hello"));
    }
  }

  @Test
  void address_isTheOnlyOne() {
    Container web = engine.containers().start(serving("web", "hello").publish("127.0.0.2::8080"));
    Container six = engine.containers().start(serving("six", "sixth").publish("[::1]::8080"));
    HostPort port = web.port(8080);
    eventually(() -> answer(port).equals("hello"));
    assertThat(port.address()).isEqualTo("127.0.0.2");
    assertThat(answers(new HostPort("127.0.0.1", port.port()))).isFalse();
    eventually(() -> answer(six.port(8080)).equals("sixth"));
    assertThat(six.port(8080).address()).isEqualTo("::1");
  }

  @Test
  void range_ofTheHosts_givesTheFirstThatIsFree() throws IOException {
    int first = freePair();
    try (ServerSocket taken = new ServerSocket(first, 1, InetAddress.getLoopbackAddress())) {
      assertThat(taken.isBound()).isTrue();
      String range = "127.0.0.1:" + first + "-" + (first + 1) + ":8080";
      Container web = engine.containers().start(serving("web", "hello").publish(range));
      assertThat(web.port(8080).port()).isEqualTo(first + 1);
      eventually(() -> answer(web.port(8080)).equals("hello"));
      assertThatThrownBy(() -> engine.containers().create(serving("more", "x").publish(range)))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining(range)
          .hasMessageContaining("EADDRINUSE");
      assertThat(engine.containers().find("more")).isEmpty();
    }
  }

  @Test
  void range_givenTwice_givesTwo() {
    int first = freePair();
    String range = "127.0.0.1:" + first + "-" + (first + 1);
    Container web =
        engine
            .containers()
            .create(serving("web", "hello").publish(range + ":8080").publish(range + ":81"));
    List<PortBinding> chosen = web.ports();
    assertThat(chosen).extracting(PortBinding::hostPort).doesNotHaveDuplicates().hasSize(2);
    web.start();
    assertThat(web.ports()).isEqualTo(chosen);
    eventually(() -> answer(web.port(8080)).equals("hello"));
  }

  @Test
  void range_leavesThePortToTheMapping_thatCanHaveNoOther() {
    int first = freePair();
    String range = first + "-" + (first + 1) + ":81";
    Container web =
        engine
            .containers()
            .start(serving("web", "hello").publish(range).publish("127.0.0.1:" + first + ":8080"));
    assertThat(web.port(81).port()).as("in the order of the request").isEqualTo(first + 1);
    assertThat(web.ports().get(0))
        .isEqualTo(new PortBinding("0.0.0.0", first + 1, ContainerPort.tcp(81)));
    eventually(() -> answer(web.port(8080)).equals("hello"));
    assertThat(web.port(8080).port()).isEqualTo(first);
  }

  @Test
  void ranges_ofTheSameLength_leadOneToOne() {
    int first = freePair();
    String ranges = "127.0.0.1:" + first + "-" + (first + 1) + ":8080-8081";
    Container web =
        engine
            .containers()
            .start(
                shell(
                        "busybox nc -ll -p 8080 -e echo one & exec busybox nc -ll -p 8081 -e echo two")
                    .name("web")
                    .network("net")
                    .publish(ranges));
    assertThat(web.port(8081).port()).isEqualTo(first + 1);
    eventually(() -> answer(web.port(8080)).equals("one"));
    eventually(() -> answer(web.port(8081)).equals("two"));
  }

  @Test
  void datagrams_areCarriedBothWays() throws IOException {
    Container udp =
        engine
            .containers()
            .start(in("net", "udp").publish("127.0.0.1::5353/udp").publish("[::1]::5353/udp"));
    try (DatagramChannel echo = echo(udp, 5353)) {
      for (PortBinding binding : udp.ports()) {
        eventually(() -> datagram(binding.host(), "ping").equals("ping"));
      }
      assertThat(echo.isOpen()).isTrue();
    }
    assertThatThrownBy(() -> udp.port(5353))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("no published port 5353/tcp");
    assertThat(udp.port(ContainerPort.udp(5353)).address()).isEqualTo("127.0.0.1");
  }

  @Test
  void publishAll_takesWhatIsExposed_andNotPublishedOtherwise() {
    Container web =
        engine
            .containers()
            .start(
                serving("web", "hello")
                    .expose(ContainerPort.tcp(8080))
                    .expose(ContainerPort.udp(53))
                    .expose(ContainerPort.tcp(9))
                    .publish("127.0.0.1::9")
                    .publishAll());
    assertThat(web.ports())
        .extracting(PortBinding::container)
        .containsExactly(
            ContainerPort.tcp(9),
            ContainerPort.udp(53),
            ContainerPort.udp(53),
            ContainerPort.tcp(8080),
            ContainerPort.tcp(8080));
    eventually(() -> answer(web.port(8080)).equals("hello"));
  }

  @Test
  void takenByAContainer_namesIt_andLeavesNothing() {
    int free = freePort();
    Container first = engine.containers().start(serving("first", "hello").publish(free, 8080));
    String local = "127.0.0.1:" + free + ":8080";
    assertThatThrownBy(() -> engine.containers().start(serving("second", "x").publish(local)))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("port " + local + "/tcp of container second")
        .hasMessageContaining("container first has it");
    assertThat(engine.containers().find("second")).as("start takes it back").isEmpty();
    Container third = engine.containers().create(serving("third", "three").publish(local));
    assertThatThrownBy(third::start).isInstanceOf(ConflictException.class);
    assertThat(third.inspect().status().isAlive()).isFalse();
    first.stop();
    third.start();
    eventually(() -> answer(third.port(8080)).equals("three"));
  }

  @Test
  void takenBySomebodyElse_isRefused_andLeavesNothing() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = "127.0.0.1:" + taken.getLocalPort() + ":8080";
      assertThatThrownBy(() -> engine.containers().start(serving("web", "x").publish(port)))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("EADDRINUSE")
          .hasMessageContaining("somebody else on this host has it");
    }
    assertThat(engine.containers().find("web")).isEmpty();
    assertThat(state("net").endpoints()).isEmpty();
    assertThat(relays()).isZero();
  }

  @Test
  void random_thatIsTakenByTheStart_isAnotherOneFromThenOn() throws IOException {
    Container web = engine.containers().create(serving("web", "hello").publish(8080));
    HostPort chosen = web.port(8080);
    try (ServerSocket taken =
        new ServerSocket(chosen.port(), 1, InetAddress.getLoopbackAddress())) {
      assertThat(taken.isBound()).isTrue();
      web.start();
    }
    HostPort other = web.port(8080);
    assertThat(other.port()).isNotEqualTo(chosen.port());
    eventually(() -> answer(other).equals("hello"));
    try (Pinnace next = engine()) {
      assertThat(next.containers().get("web").port(8080)).isEqualTo(other);
    }
  }

  @Test
  void restarted_hasTheSamePorts_howeverOften() {
    int free = freePort();
    Container web =
        engine
            .containers()
            .start(serving("web", "hello").publish(free, 8080).publish("8080").publish("53/udp"));
    List<PortBinding> ports = web.ports();
    for (int i = 0; i < 30; i++) {
      web.restart(Duration.ZERO);
      assertThat(web.ports()).as("restart " + i).isEqualTo(ports);
    }
    for (PortBinding port : ports) {
      eventually(
          () ->
              port.container().equals(ContainerPort.udp(53))
                  || answer(new HostPort("127.0.0.1", port.hostPort())).equals("hello"));
    }
  }

  @Test
  void inTurns_isFreeForTheNextContainer_atOnce() {
    int free = freePort();
    Container one = engine.containers().create(serving("one", "1").publish(free, 8080));
    Container two = engine.containers().create(serving("two", "2").publish(free, 8080));
    for (int i = 0; i < 10; i++) {
      one.start();
      one.stop(Duration.ZERO);
      two.start();
      two.stop(Duration.ZERO);
    }
    assertThat(two.inspect().status().isAlive()).isFalse();
  }

  @Test
  void interrupted_whileItWaitsForAPort_isCancelled_andLeavesNothing() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = "127.0.0.1:" + taken.getLocalPort() + ":8080";
      Container web = engine.containers().create(serving("web", "x").publish(port));
      Thread.currentThread().interrupt();
      assertThatThrownBy(web::start)
          .isInstanceOf(CancelledException.class)
          .hasMessageContaining("a port of the host's");
      assertThat(Thread.interrupted()).as("the flag stays").isTrue();
      assertThat(web.inspect().status().isAlive()).isFalse();
    }
  }

  @Test
  void badRequests_areRefused_beforeAnythingIsMade() {
    assertThatThrownBy(() -> engine.containers().create(waiting().publish(80)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("ports are published of a network only");
    assertThatThrownBy(
            () -> engine.containers().start(serving("web", "x").publish("192.0.2.1:9999:80")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("EADDRNOTAVAIL")
        .hasMessageContaining("name an address of this host");
    engine.networks().create(NetworkSpec.named("closed").asInternal());
    assertThatThrownBy(() -> engine.containers().create(in("closed", "web").publish(80)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("network closed is internal");
    assertThatThrownBy(
            () -> engine.containers().create(in("net", "web").publish("20001-20200:1-200")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("at most 128 published ports, and not 200");
    assertThat(engine.containers().find("web")).isEmpty();
    assertThat(state("closed").endpoints()).isEmpty();
  }

  @Test
  void failedStart_leavesThePortFree() throws IOException {
    int free = freePort();
    assertThatThrownBy(
            () ->
                engine
                    .containers()
                    .start(image(IMAGE).command("/none").network("net").publish(free, 80)))
        .isInstanceOf(StartFailedException.class);
    eventually(() -> isFree(free));
  }

  @Test
  void restartedByItsPolicy_isPublishedStill() {
    Container web =
        engine
            .containers()
            .start(
                shell("busybox nc -l -p 8080 -e echo once")
                    .name("web")
                    .network("net")
                    .publish("127.0.0.1::8080")
                    .restart(RestartPolicy.always()));
    HostPort port = web.port(8080);
    eventually(() -> answer(port).equals("once"));
    eventually(() -> answer(port).equals("once"));
    eventually(() -> web.inspect().restarts() >= 1);
    assertThat(web.port(8080)).isEqualTo(port);
  }

  @Test
  void killedRelay_isPublishedAgain_byTheNextStart() {
    Container web = engine.containers().start(serving("web", "hello").publish("127.0.0.1::8080"));
    HostPort port = web.port(8080);
    eventually(() -> answer(port).equals("hello"));
    killRouter();
    eventually(() -> !answers(port));
    engine.containers().start(in("net", "other"));
    eventually(() -> answer(port).equals("hello"));
  }

  @Test
  void killedRelay_whileItsRestartIsWaitedFor_isPublishedAgain_byTheNextStart() {
    String serves = "exec busybox nc -ll -p 8080 -e echo hello";
    String fails = "echo run >>/runs; [ $(busybox wc -l </runs) -gt 6 ] || exit 1; ";
    Container web =
        engine
            .containers()
            .start(
                shell(fails + serves)
                    .name("web")
                    .network("net")
                    .publish("127.0.0.1::8080")
                    .restart(RestartPolicy.always()));
    eventually(
        () ->
            web.inspect().restarts() >= 5 && web.inspect().status() == ContainerStatus.RESTARTING);
    killRouter();
    Container other = engine.containers().start(in("net", "other"));
    eventually(() -> answer(web.port(8080)).equals("hello"));
    assertThat(reaches(other, "web")).isTrue();
  }

  @Test
  void killedRelay_portThatSomebodyHasTaken_isGone_andAllElseIsThere() throws IOException {
    Container web =
        engine
            .containers()
            .start(serving("web", "hello").publish("127.0.0.1::8080").publish("127.0.0.2::8080"));
    HostPort first = web.ports().get(0).host();
    HostPort second = web.ports().get(1).host();
    eventually(() -> answer(first).equals("hello"));
    killRouter();
    eventually(() -> isFree(first.port()));
    InetAddress here = InetAddress.getLoopbackAddress();
    try (ServerSocket taken = new ServerSocket(first.port(), 1, here)) {
      assertThat(taken.isBound()).isTrue();
      Container other = engine.containers().start(in("net", "other"));
      eventually(() -> answer(second).equals("hello"));
      assertThat(reaches(other, "web")).isTrue();
    }
    assertThat(answers(first)).isFalse();
  }

  @Test
  void moreThanTheRelayCanHave_failTheStart_andEndIt() {
    Container one = engine.containers().start(in("net", "one").publish("1-127"));
    Container two = engine.containers().start(in("net", "two").publish("1-127"));
    assertThat(one.ports()).hasSize(254);
    assertThatThrownBy(() -> engine.containers().start(in("net", "three").publish("1-127")))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("as many ports as it may have, 508");
    assertThat(engine.containers().find("three").filter(left -> left.inspect().status().isAlive()))
        .isEmpty();
    two.remove(true);
    engine.containers().find("three").ifPresent(left -> left.remove(true));
    Container four = engine.containers().create(in("net", "four").publish("1-127"));
    eventually(() -> starts(four));
  }

  /** The relay may not have seen yet that another has ended. */
  private static boolean starts(Container container) {
    try {
      container.start();
      return true;
    } catch (PinnaceException notYet) {
      return false;
    }
  }

  @Test
  void killedSupervisor_takesItsPortsAlong() {
    Container web = engine.containers().start(serving("web", "hello").publish("127.0.0.1::8080"));
    HostPort port = web.port(8080);
    eventually(() -> answer(port).equals("hello"));
    long supervisor =
        ProcessHandle.of(web.inspect().pid().orElseThrow())
            .flatMap(ProcessHandle::parent)
            .orElseThrow()
            .pid();
    assertThat(ProcessHandle.of(supervisor).orElseThrow().destroyForcibly()).isTrue();
    eventually(() -> !answers(port));
    eventually(() -> isFree(port.port()));
  }
}
