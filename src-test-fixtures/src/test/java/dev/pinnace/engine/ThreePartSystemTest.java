package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.system.Browser;
import dev.pinnace.fixtures.system.ThreeParts;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Ready;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Subnet;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A system as people have them, of Debian's programs: nginx in front, an application in Python
 * behind it, and Redis, which keeps its data in a volume, in an internal network behind that. They
 * find each other by their names; nginx asks the networks' name server, and hosts files do not help
 * it.
 */
@Needs({"nginx", "python3", "redis-server"})
@Timeout(300)
class ThreePartSystemTest extends PortFixture {
  private static final String PYTHON = ThreeParts.PYTHON.toString();
  private static final String NOBODY = "65534:65534";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Browser browser = new Browser();
  private Container web;
  private Container app;
  private Container db;

  @BeforeEach
  void startAll() {
    makeImages();
    engine.networks().create(NetworkSpec.named("front").withSubnet(Subnet.parse("10.78.1.0/24")));
    engine
        .networks()
        .create(NetworkSpec.named("back").withSubnet(Subnet.parse("10.78.2.0/24")).asInternal());
    engine.volumes().create("notes");
    engine
        .containers()
        .run(shell("busybox chown " + NOBODY + " /data").mount(Mount.volume("notes").at("/data")));
    db = engine.containers().start(database());
    app = engine.containers().start(application("app"));
    web =
        engine
            .containers()
            .start(
                image("web")
                    .command("nginx", "-c", "/etc/nginx/nginx.conf")
                    .name("web")
                    .network("front")
                    .publish("127.0.0.1::80")
                    .file("/etc/nginx/nginx.conf", ThreeParts.webServer())
                    .ready(Ready.http(80, "/health"), PATIENCE));
  }

  @AfterEach
  void removeVolume() {
    engine.containers().list().forEach(c -> engine.containers().get(c.name()).remove(true));
    engine.volumes().get("notes").remove();
  }

  private void makeImages() {
    if (engine.images().find("web").isPresent()) {
      return;
    }
    engine.images().host("nginx", "busybox").named("web").build();
    engine.images().host(PYTHON, "busybox").with(ThreeParts.pythonLibrary()).named("app").build();
    engine.images().host("redis-server", "busybox").named("db").build();
  }

  private static ContainerSpecBuilder database() {
    return image("db")
        .command(ThreeParts.database().toArray(String[]::new))
        .name("db")
        .user(NOBODY)
        .readOnly()
        .mount(Mount.volume("notes").at("/data"))
        .network("back")
        .ready(Ready.port(6379), PATIENCE);
  }

  /** In both networks, the outer one first. */
  private static ContainerSpecBuilder application(String name) {
    return image("app")
        .command(PYTHON, "/application.py")
        .name(name)
        .user(NOBODY)
        .network(NetworkAttachment.to("front").withAlias("app"))
        .network("back")
        .file("/application.py", ThreeParts.application())
        .ready(Ready.port(8000), PATIENCE);
  }

  private String get(String path) {
    return browser.get(web.port(80).port(), path);
  }

  private String put(String path, String text) {
    return browser.put(web.port(80).port(), path, text);
  }

  @Test
  void requests_goThroughAllThree_andDataStay_whicheverIsRestarted() {
    assertThat(get("/health")).isEqualTo("200 here\n");
    assertThat(get("/note")).isEqualTo("404 ");
    assertThat(put("/note", "remember")).isEqualTo("200 OK");
    int visits = 0;
    for (Container part : new Container[] {db, app, web}) {
      assertThat(get("/visits")).isEqualTo("200 " + ++visits);
      part.restart();
      eventually(PATIENCE, () -> get("/note").equals("200 remember"));
    }
    assertThat(get("/visits")).isEqualTo("200 " + ++visits);
  }

  @Test
  void databaseThatIsGone_isMissed_andFoundWhenItIsBack_alsoAtAnotherAddress() {
    assertThat(put("/note", "remember")).isEqualTo("200 OK");
    db.stop();
    assertThat(get("/note")).startsWith("503 ");
    db.start();
    eventually(PATIENCE, () -> get("/note").equals("200 remember"));
    String before = address("back", "db");
    db.remove(true);
    assertThat(get("/note")).startsWith("503 ");
    engine.containers().start(in("back", "other").network(NetworkAttachment.to("front")));
    db = engine.containers().start(database());
    assertThat(address("back", "db")).isNotEqualTo(before);
    eventually(PATIENCE, () -> get("/note").equals("200 remember"));
  }

  @Test
  void databaseThatIsKilled_isStartedAgainByItsPolicy_withAllThatItHadAnswered() {
    db.remove(true);
    db = engine.containers().start(database().restart(RestartPolicy.always()));
    for (int visits = 1; visits <= 20; visits++) {
      assertThat(get("/visits")).isEqualTo("200 " + visits);
    }
    int killed = db.inspect().pid().orElseThrow();
    ProcessHandle.of(killed).orElseThrow().destroyForcibly(); // kill(...) is no failure of its own
    eventually(PATIENCE, () -> db.inspect().pid().orElse(killed) != killed);
    eventually(PATIENCE, () -> get("/nothing").equals("404 "));
    assertThat(get("/visits")).isEqualTo("200 21");
  }

  @Test
  void applications_ofOneAlias_standInForEachOther() {
    Container second = engine.containers().start(application("second"));
    assertThat(put("/note", "remember")).isEqualTo("200 OK");
    eventually(
        PATIENCE,
        () -> get("/note").equals("200 remember") && second.logs().text().contains("GET /note"));
    app.remove(true);
    eventually(PATIENCE, () -> get("/note").equals("200 remember"));
    for (int i = 0; i < 10; i++) {
      assertThat(get("/note")).isEqualTo("200 remember");
    }
  }

  @Test
  void web_reachesTheApplicationAndNotTheDatabase() {
    String database = address("back", "db");
    assertThat(shell(app, connect("db", 6379))).isEqualTo("reached");
    assertThat(shell(app, connect(database, 6379))).isEqualTo("reached");
    assertThat(shell(web, connect("app", 8000))).isEqualTo("reached");
    assertThat(shell(web, connect(database, 6379))).isEqualTo("not reached");
    assertThat(shell(web, connect("db", 6379))).isEqualTo("not reached");
    assertThat(
            shell(
                web,
                "busybox nslookup db "
                    + ThreeParts.GATEWAY
                    + " >/dev/null && echo known || echo unknown"))
        .isEqualTo("unknown");
    assertThat(shell(web, "busybox nslookup app " + ThreeParts.GATEWAY))
        .contains(address("front", "app"));
    assertThat(shell(db, connect(address("front", "web"), 80))).isEqualTo("not reached");
    assertThat(shell(db, "busybox cat /etc/hosts")).contains("app").doesNotContain("10.78.1.");
    assertThat(db.ports()).isEmpty();
  }

  private static String connect(String host, int port) {
    return "busybox nc -w 3 "
        + host
        + " "
        + port
        + " </dev/null >/dev/null 2>&1"
        + " && echo reached || echo not reached";
  }
}
