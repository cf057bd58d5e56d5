package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of the host run what they are made of. */
class HostImagesTest extends EngineFixture {
  @TempDir private Path directory;

  private Path script(String content) throws IOException {
    Path script = Files.writeString(directory.resolve("tool"), content);
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void script_runs() throws IOException {
    Path script = script("#!/usr/bin/env -S sh -e\necho \"of $0\"\n");
    List<String> remarks = new ArrayList<>();
    engine.images().host(script.toString()).named("a-script").remarks(remarks::add).build();
    RunResult result = engine.containers().run(image("a-script").command(script.toString()));
    assertThat(result.stdout()).isEqualTo("of " + script + "\n");
    assertThat(remarks).singleElement().asString().contains("/usr/bin/env and sh go along");
  }

  @Test
  void file_atAnotherPlace_runs() throws IOException {
    Path script = script("#!/bin/sh\necho moved\n");
    engine.images().host("sh").with(script, "/opt/here").named("moved").build();
    assertThat(engine.containers().run(image("moved").command("/opt/here")).stdout())
        .isEqualTo("moved\n");
  }

  @Test
  void java_withItsHome_runs() throws IOException {
    Path home = Path.of(System.getProperty("java.home")).toRealPath();
    engine
        .images()
        .host(home.resolve("bin/java").toString())
        .with(home.resolve("lib"))
        .with(home.resolve("conf"))
        .named("java")
        .build();
    RunResult result =
        engine
            .containers()
            .run(image("java").command(home.resolve("bin/java").toString(), "-version"));
    assertThat(result.stderr()).contains("version \"" + System.getProperty("java.version"));
    assertThat(result.exitCode()).isZero();
    engine.images().remove("java", false);
  }
}
