package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.examples.cli.Commands.Result;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.system.Browser;
import dev.pinnace.fixtures.system.ThreeParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A system of three parts by the command line, with no engine between the calls. */
@Needs({"root", "busybox", "nginx", "python3", "redis-server"})
@Timeout(300)
class ThreePartCommandsTest {
  private static final String PYTHON = ThreeParts.PYTHON.toString();

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  @TempDir private Path files;

  private final Commands cli = new Commands(PLACE.root(), PLACE.run());
  private final Browser browser = new Browser();

  @AfterEach
  void removeAll() {
    cli.pinnace("rm", "-f", "web", "app", "db");
    cli.pinnace("network", "rm", "front", "back");
    cli.pinnace("volume", "rm", "notes");
  }

  private Result done(String... words) {
    Result result = cli.pinnace(words);
    assertThat(result.code()).as(String.join(" ", words) + ": " + result.err()).isZero();
    return result;
  }

  private void start(List<String> flags, List<String> command) {
    List<String> words = new ArrayList<>(List.of("run", "-d"));
    words.addAll(flags);
    words.addAll(command);
    done(words.toArray(String[]::new));
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(files.resolve(name), text).toString();
  }

  private void startAll() throws IOException {
    done("import-host", "-t", "web", "nginx");
    done("import-host", "-t", "app", "--with", ThreeParts.pythonLibrary().toString(), PYTHON);
    done("import-host", "-t", "db", "redis-server");
    done("network", "create", "front");
    done("network", "create", "--internal", "back");
    start(
        List.of("--name", "db", "--network", "back", "-v", "notes:/data", "--read-only", "db"),
        ThreeParts.database());
    String program = file("application.py", ThreeParts.application());
    start(
        List.of(
            "--name",
            "app",
            "--network",
            "front",
            "--network",
            "back",
            "-v",
            program + ":/a.py:ro",
            "app"),
        List.of(PYTHON, "/a.py"));
    String configuration = file("nginx.conf", ThreeParts.webServerWithoutResolver());
    start(
        List.of(
            "--name",
            "web",
            "--network",
            "front",
            "-p",
            "127.0.0.1::80",
            "-v",
            configuration + ":/etc/nginx.conf:ro",
            "web"),
        List.of("nginx", "-c", "/etc/nginx.conf"));
  }

  private int port() {
    String line = done("port", "web", "80").line();
    return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
  }

  /** Asks until that is the answer; the test's own limit ends it. */
  private void awaitAnswer(String path, String answer) throws InterruptedException {
    int port = port();
    while (!browser.get(port, path).equals(answer)) {
      Thread.sleep(20);
    }
  }

  @Test
  void requests_goThroughAllThree_andDataStay_whicheverIsRestarted() throws Exception {
    startAll();
    awaitAnswer("/note", "404 ");
    assertThat(browser.put(port(), "/note", "remember")).isEqualTo("200 OK");
    for (String part : List.of("db", "app", "web")) {
      done("restart", part);
      awaitAnswer("/note", "200 remember");
    }
    done("stop", "db");

    assertThat(browser.get(port(), "/note")).startsWith("503 ");
    done("rm", "db");
    start(
        List.of("--name", "db", "--network", "back", "-v", "notes:/data", "db"),
        ThreeParts.database());
    awaitAnswer("/note", "200 remember");
    assertThat(done("ps", "--format", "{{.Names}} {{.Networks}}").lines())
        .contains("web front", "db back");
  }
}
