package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line says of a root that somebody, or a disk, has damaged. */
@Needs("root")
class DamagedRootTest {
  @TempDir private Path home;
  private Script script = new Script(Path.of(""));

  @BeforeEach
  void makeImage() throws Exception {
    script = new Script(home);
    assertThat(script.pinnace("import-host", "-t", "tools", "sh").code()).isZero();
    assertThat(script.pinnace("create", "--name", "mine", "tools", "sh").code()).isZero();
  }

  private Path root() {
    return home.resolve("root");
  }

  private Path container() throws IOException {
    try (Stream<Path> containers = Files.list(root().resolve("containers"))) {
      return containers.findFirst().orElseThrow();
    }
  }

  @Test
  void ps_listOfImagesDamaged_listsContainersAndSaysWhatToDo() throws Exception {
    Path index = root().resolve("content/index.json");
    byte[] whole = Files.readAllBytes(index);
    Files.writeString(index, "{\"schemaVersion\":2,\"manifests\":[");
    Result ps = script.pinnace("ps", "-a", "--format", "{{.Names}} {{.Image}}");
    assertThat(ps.line()).isEqualTo("mine tools");
    assertThat(ps.code()).isZero();
    assertThat(ps.err()).contains(index.toString(), "load the images again");
    assertThat(script.pinnace("inspect", "-f", "{{.Name}}", "mine").code()).isZero();
    Result images = script.pinnace("images");
    assertThat(images.code()).isEqualTo(125);
    assertThat(images.err())
        .startsWith("pinnace: " + index + " is not a usable JSON document")
        .contains("load the images again")
        .doesNotContain("Source");

    Result info = script.pinnace("info");
    assertThat(info.code()).isZero();
    assertThat(info.out())
        .contains("Containers: 1\n", " list of images: no: " + index, "load the images again");
    Result doctor = script.pinnace("doctor");
    assertThat(doctor.code()).isZero();
    assertThat(doctor.out()).contains("missing  list of images  " + index, "Containers can run");

    Files.delete(index);
    assertThat(script.pinnace("images", "-q").out()).isEmpty();
    assertThat(script.pinnace("start", "mine").code()).as("a container keeps its image").isZero();
    Files.write(index, whole);
    assertThat(script.pinnace("rm", "-f", "mine").code()).isZero();
  }

  @Test
  void ps_recordDamaged_hasARowAndALineThatSaysWhatToDo() throws Exception {
    Path record = container().resolve("container.json");
    String id = script.pinnace("ps", "-aq").line();
    Files.writeString(record, "{\"id\":");
    Result ps = script.pinnace("ps", "-a", "--format", "{{.ID}} {{.Names}} {{.Status}}");
    assertThat(ps.line()).isEqualTo(id + " mine Damaged");
    assertThat(script.pinnace("ps", "-a", "-n", "1", "-q").out()).isEmpty();
    assertThat(ps.code()).isZero();
    assertThat(ps.err().lines())
        .as("what, why and what to do, in one line that names no classes")
        .singleElement()
        .asString()
        .startsWith("WARN what container " + id + " does is not known: " + record)
        .endsWith("; remove that container by force, as rm -f does")
        .doesNotContain("Exception", "dev.pinnace", "[main]");
    assertThat(script.pinnace("ps", "-q").line()).as("nobody knows that it runs").isEmpty();

    Result inspect = script.pinnace("inspect", "mine");
    assertThat(inspect.code()).isEqualTo(125);
    assertThat(inspect.err().lines())
        .singleElement()
        .asString()
        .startsWith("pinnace: " + record + " is damaged: ")
        .endsWith("rm -f does");
    Result remove = script.pinnace("rm", "mine");
    assertThat(remove.code()).isEqualTo(125);
    assertThat(remove.err()).startsWith("pinnace: container " + id + " is not removed: " + record);
    assertThat(script.pinnace("rm", "-f", "mine").code()).isZero();
    assertThat(script.pinnace("ps", "-a", "-q").line()).isEmpty();
  }

  @Test
  void rmi_recordDamaged_takesTheNameByForceAndTheBytesWithTheContainer() throws Exception {
    Path blobs = root().resolve("content/blobs/sha256");
    Path record = container().resolve("container.json");
    Files.writeString(record, "{\"id\":");
    Result refused = script.pinnace("rmi", "tools");
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.err().lines().reduce((line, last) -> last).orElseThrow())
        .contains("whether a container uses image", record.toString(), "remove that container");
    assertThat(script.pinnace("images", "-q").line()).isNotEmpty();

    Result forced = script.pinnace("rmi", "-f", "tools");
    assertThat(forced.code()).isZero();
    assertThat(forced.out()).contains("Untagged: ", "Deleted: ");
    assertThat(forced.err()).contains("the image is removed, but", record.toString());
    assertThat(script.pinnace("images", "-q").line()).isEmpty();
    assertThat(blobs).isNotEmptyDirectory();

    assertThat(script.pinnace("rm", "-f", "mine").code()).isZero();
    assertThat(blobs).as("nobody can need them any more").isEmptyDirectory();
  }

  @Test
  void logs_missingOrDamaged_isSaid() throws Exception {
    assertThat(script.pinnace("start", "-a", "mine").code()).isZero();
    assertThat(script.pinnace("logs", "mine").err()).as("it wrote nothing").isEmpty();
    Path log = container().resolve("logs/log");
    Files.writeString(log, "x".repeat(40));
    for (String[] command : new String[][] {{"logs", "mine"}, {"logs", "-f", "mine"}}) {
      assertThat(script.pinnace(command).err())
          .contains("the log of container mine is not whole: 40 bytes in " + log.getParent());
    }
    Files.delete(log);
    assertThat(script.pinnace("logs", "mine").err()).contains("there is none in");
  }
}
