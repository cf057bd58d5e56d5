package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerLink;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.RestartPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names that a container alone has for others. */
class LinksTest extends NetworkFixture {
  private static final String WAITS = "echo ready; busybox sleep 1000";

  private static ContainerSpecBuilder linked(String network, String name, String link) {
    return waiting()
        .name(name)
        .network(NetworkAttachment.to(network).withLink(ContainerLink.parse(link)));
  }

  private Container database() {
    return engine
        .containers()
        .start(
            in("bridge", "db")
                .env("USER", "me")
                .env("HOME", "/data")
                .expose(ContainerPort.tcp(5432)));
  }

  private static String hosts(Container container) {
    return shell(container, "busybox cat /etc/hosts");
  }

  /** As its first program has them. */
  private static String variables(Container container) {
    return shell(container, "busybox tr '\\0' '\\n' < /proc/1/environ");
  }

  @Test
  void onTheBridge_isInHostsAndEnvironment_alsoOfAnExec() {
    Container db = database();
    String address = address("bridge", "db");
    Container web =
        engine.containers().start(linked("bridge", "web", "db:base").env("BASE_ENV_OWN", "mine"));
    assertThat(hosts(web)).contains(address + "\tbase db " + db.id().shortHex() + "\n");
    assertThat(hosts(db)).doesNotContain("web");
    List<String> told =
        List.of(
            "BASE_NAME=/web/base",
            "BASE_PORT=tcp://" + address + ":5432",
            "BASE_PORT_5432_TCP_ADDR=" + address,
            "BASE_ENV_USER=me",
            "BASE_ENV_OWN=mine");
    assertThat(variables(web).lines()).containsAll(told);
    assertThat(variables(web))
        .doesNotContain("BASE_ENV_HOME", "BASE_ENV_PATH", "BASE_ENV_HOSTNAME");
    assertThat(shell(web, "busybox env").lines()).containsAll(told);
    assertThat(shell(web, "echo $HOME")).isEqualTo("/root");
    for (String name : List.of("base", "db", db.id().shortHex())) {
      assertThat(reaches(web, name)).as(name).isTrue();
    }
    assertThat(NameClient.own(web, "base")).as("by the name server").isFalse();
  }

  @Test
  void whatTheImageExposes_isTold() {
    engine
        .containers()
        .create(waiting())
        .commit(CommitSpec.named("exposing:1").withChange("EXPOSE 80"));
    engine
        .containers()
        .start(
            ContainerSpec.image("exposing:1")
                .name("db")
                .command("busybox", "sleep", "1000")
                .network("bridge"));
    Container web = engine.containers().start(linked("bridge", "web", "db"));
    assertThat(variables(web).lines()).contains("DB_PORT=tcp://" + address("bridge", "db") + ":80");
  }

  @Test
  void whoseOtherDoesNotRun_isNotStarted_andNothingIsLeft() {
    Container db = database();
    db.stop();
    assertThatThrownBy(() -> engine.containers().start(linked("bridge", "web", "db")))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining(
            "cannot start \"web\": container \"db\", to which it is linked as db, does not run");
    assertThat(engine.containers().find("web")).isEmpty();
    assertThat(state("bridge").endpoints()).hasSize(1);
    Container web = engine.containers().create(linked("bridge", "web", "db"));
    assertThatThrownBy(web::start).hasMessageContaining("start that one first");
    assertThat(web.inspect().status()).isEqualTo(ContainerStatus.CREATED);
    db.start();
    web.start();
    assertThat(reaches(web, "db")).isTrue();
  }

  @Test
  void whoseOtherIsElsewhere_isNotStarted() {
    engine.networks().create("net");
    Container db = engine.containers().start(in("net", "db"));
    Container web = engine.containers().create(linked("bridge", "web", "db"));
    assertThatThrownBy(web::start)
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("is not on the default bridge: connect it with network connect");
    engine.networks().get("bridge").connect(db);
    web.start();
    assertThat(reaches(web, "db")).isTrue();
  }

  @Test
  void toNobody_orToItself_isRefused() {
    assertThatThrownBy(() -> engine.containers().create(linked("bridge", "web", "nobody")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("there is no container \"nobody\"");
    for (String network : List.of("bridge", "net")) {
      assertThatThrownBy(() -> engine.containers().create(linked(network, "web", "web:me")))
          .isInstanceOf(RuntimeException.class);
    }
    engine.networks().create("net");
    assertThatThrownBy(() -> engine.containers().create(linked("net", "web", "web:me")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("container web cannot be linked to itself");
    assertThat(engine.containers().list()).isEmpty();
  }

  @Test
  void otherThatMoves_orIsRenamed_isWrittenAgain() {
    Container db = database();
    Container web = engine.containers().start(linked("bridge", "web", "db:base"));
    String before = address("bridge", "db");
    Network bridge = engine.networks().get("bridge");
    bridge.disconnect(db);
    assertThat(hosts(web)).doesNotContain("base");
    Container unused = engine.containers().start(in("bridge", "third"));
    assertThat(address("bridge", "third")).isEqualTo(before);
    bridge.connect(db);
    String now = address("bridge", "db");
    assertThat(now).isNotEqualTo(before);
    assertThat(hosts(web)).contains(now + "\tbase db ");
    assertThat(variables(web)).contains("BASE_PORT_5432_TCP_ADDR=" + before);
    db.rename("other");
    assertThat(hosts(web)).contains(now + "\tbase other ");
    db.restart();
    web.restart();
    assertThat(hosts(web)).contains(now + "\tbase other ");
    assertThat(variables(web)).contains("BASE_PORT_5432_TCP_ADDR=" + now);
    assertThat(reaches(web, "base")).isTrue();
  }

  @Test
  void otherThatIsRemoved_isLinkedNoMore() {
    Container db = database();
    Container web = engine.containers().start(linked("bridge", "web", "db"));
    db.remove(true);
    web.restart();
    assertThat(hosts(web)).doesNotContain("db");
    assertThat(variables(web)).doesNotContain("DB_");
    Container again = database();
    web.restart();
    assertThat(hosts(web)).as("another of that name").doesNotContain(again.id().shortHex());
  }

  @Test
  void inOtherNetworks_isANameOfItsOwn_whoeverComes() {
    engine.networks().create("net");
    Container web = engine.containers().start(linked("net", "web", "db:base"));
    Container other = engine.containers().start(in("net", "other"));
    assertThat(NameClient.own(web, "base")).as("nobody is there yet").isFalse();
    Container db = engine.containers().start(in("net", "db").env("USER", "me"));
    String found = "NOERROR " + address("net", "db");
    for (String name : List.of("base", "BASE", "base.net", "db")) {
      assertThat(NameClient.ask(web, name, org.xbill.DNS.Type.A)).as(name).isEqualTo(found);
    }
    assertThat(hosts(web))
        .contains(address("net", "db") + "\tdb " + db.id().shortHex() + " base\n");
    assertThat(NameClient.own(other, "base")).isFalse();
    assertThat(hosts(other)).doesNotContain("base");
    assertThat(variables(web)).doesNotContain("BASE_");
    web.restart();
    assertThat(reaches(web, "base")).isTrue();
  }

  @Test
  void inOtherNetworks_itsNameIsNobodyElses() {
    engine.networks().create("net");
    Container first = engine.containers().start(in("net", "first"));
    Container second = engine.containers().start(in("net", "second"));
    Container web = engine.containers().start(in("net", "web"));
    Network net = engine.networks().get("net");
    net.disconnect(web);
    String id = first.id().hex();
    net.connect(web, NetworkAttachment.to("net").withLink(new ContainerLink(id, "second")));
    assertThat(NameClient.ask(web, "second", org.xbill.DNS.Type.A))
        .isEqualTo("NOERROR " + address("net", "first"));
    assertThat(hosts(web))
        .contains(" second\n")
        .contains(address("net", "second") + "\t" + second.id().shortHex() + "\n");
    assertThat(NameClient.ask(first, "second", org.xbill.DNS.Type.A))
        .isEqualTo("NOERROR " + address("net", "second"));
    assertThatThrownBy(
            () ->
                engine
                    .networks()
                    .get("bridge")
                    .connect(web, NetworkAttachment.to("bridge").withLink("first")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("these are made with the container");
    assertThatThrownBy(
            () ->
                engine
                    .networks()
                    .create("more")
                    .connect(web, NetworkAttachment.to("more").withLink("web")))
        .hasMessageContaining("cannot be linked to itself");
  }

  @Test
  void killedJvm_leavesTheLink() {
    Container db = database();
    try (Peer peer = Peer.start(root(), runDirectory())) {
      assertThat(peer.ask("start", "cc", "detached,linked", WAITS)).hasSize(64);
      peer.kill();
    }
    Container web = engine.containers().get("cc");
    assertThat(web.inspect().spec().namespaces().networks().get(0).links())
        .containsExactly(new ContainerLink(db.id().hex(), "db"));
    web.restart();
    assertThat(reaches(web, "db")).isTrue();
    assertThat(variables(web)).contains("DB_NAME=/cc/db");
  }

  @Test
  void killedAnywhere_itStartsOrLeavesNothing() {
    Container db = engine.containers().start(in("bridge", "db").detached());
    int point = 1;
    boolean halted;
    do {
      try (Peer peer = Peer.start(root(), runDirectory())) {
        assertThat(peer.ask("halt-at-point", Integer.toString(point++))).isEqualTo("ok");
        String said = peer.ask("start", "cc", "bound,fleeting,linked", WAITS);
        assertThat(said).doesNotStartWith("failed");
        halted = said.startsWith("halted");
        peer.kill();
      }
      try (Pinnace next = engine()) {
        next.containers().find("cc").ifPresent(left -> left.remove(true));
        assertThat(next.networks().get("bridge").inspect().endpoints()).hasSize(1);
      }
    } while (halted);
    assertThat(point).isGreaterThan(2);
    assertThat(hosts(db)).contains(address("bridge", "db"));
  }

  @Test
  void killedSupervisors_whoIsLinkedIsStartedAgainAfterTheOther() throws IOException {
    Container first =
        engine.containers().start(in("bridge", "c0").detached().restart(RestartPolicy.always()));
    for (int i = 1; i < 5; i++) {
      ContainerSpecBuilder next = linked("bridge", "c" + i, "c" + (i - 1));
      ready(engine.containers().start(next.detached().restart(RestartPolicy.always())));
    }
    List<Integer> all = new ArrayList<>(Processes.of(root()));
    Processes.kill(Processes.supervisors(root()));
    eventually(() -> Processes.alive(all).isEmpty());
    assertThat(first.inspect().status()).isEqualTo(ContainerStatus.EXITED);
    engine.close();
    engine = engine();
    assertThat(engine.containers().list())
        .extracting(ContainerState::status)
        .hasSize(5)
        .containsOnly(ContainerStatus.RUNNING);
    assertThat(reaches(engine.containers().get("c4"), "c3")).isTrue();
  }
}
