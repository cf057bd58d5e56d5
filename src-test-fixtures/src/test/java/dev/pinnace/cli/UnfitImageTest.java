package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that cannot be used, or not wholly: what the command line says of them. */
@Needs("root")
class UnfitImageTest {
  @TempDir private Path home;

  private Path archive(String os, String architecture) throws IOException {
    Path archive = Files.createTempDirectory(home, "archive");
    Files.writeString(
        archive.resolve("config.json"),
        """
        {"os":"%s","architecture":"%s","config":{"Cmd":["/x"],"Volumes":{"/data":{}}},
         "rootfs":{"type":"layers","diff_ids":[]}}"""
            .formatted(os, architecture));
    Files.writeString(
        archive.resolve("manifest.json"),
        "[{\"Config\":\"config.json\",\"RepoTags\":[\"unfit:%s\"],\"Layers\":[]}]".formatted(os));
    return archive;
  }

  @Test
  void otherPlatforms_areWarnedOf_andVolumesMade() throws Exception {
    Script script = new Script(home);
    Result load = script.pinnace("load", "-i", archive("linux", "s390x").toString());
    assertThat(load.out()).isEqualTo("Loaded image: unfit:linux\n");
    assertThat(load.err()).contains("unfit:linux is for linux/s390x");

    Result made = script.pinnace("create", "--name", "unfit", "unfit:linux");
    assertThat(made.code()).isZero();
    assertThat(made.err()).contains("is for linux/s390x");
    assertThat(
            script
                .pinnace("inspect", "-f", "{{range .Mounts}}{{.Destination}}{{end}}", "unfit")
                .line())
        .isEqualTo("/data");
    assertThat(script.pinnace("volume", "ls", "-q").out()).hasLineCount(1);
    assertThat(script.pinnace("rm", "-v", "unfit").code()).isZero();
    assertThat(script.pinnace("volume", "ls", "-q").out()).isEmpty();

    assertThat(script.pinnace("load", "-i", archive("windows", "amd64").toString()).err())
        .contains("unfit:windows is for windows/amd64");
    Result refused = script.pinnace("create", "unfit:windows");
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.err()).contains("platform windows/amd64 of image unfit:windows");
    assertThat(script.pinnace("ps", "-aq").out()).isEmpty();
  }

  @Test
  void images_damaged_isListedAsThat() throws Exception {
    Script script = new Script(home);
    script.pinnace("load", "-i", archive("linux", "amd64").toString());
    String id = script.pinnace("images", "-q", "--no-trunc").line().replace("sha256:", "");
    try (Stream<Path> files = Files.walk(home)) {
      for (Path blob : files.filter(file -> file.endsWith("blobs/sha256/" + id)).toList()) {
        Files.delete(blob);
      }
    }
    Result images = script.pinnace("images");
    assertThat(images.code()).isZero();
    assertThat(images.out().lines().skip(1))
        .singleElement()
        .asString()
        .startsWith("unfit")
        .endsWith("damaged");
    assertThat(images.err()).startsWith("pinnace: image ").contains("is damaged: ", id);
    assertThat(script.pinnace("rmi", "unfit:linux").out())
        .startsWith("Untagged: unfit:linux\nDeleted: sha256:");
    assertThat(script.pinnace("images", "-q").out()).isEmpty();
  }
}
