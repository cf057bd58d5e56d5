package dev.pinnace.guest;

import dev.pinnace.Container;
import dev.pinnace.spec.ContainerSpecBuilder;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** One engine for the tests of a class. */
abstract class GuestFixture {
  static Sandbox sandbox;

  @BeforeAll
  static void open(@TempDir Path directory) {
    sandbox = Sandbox.in(directory);
  }

  @AfterAll
  static void close() {
    sandbox.close();
  }

  static Container start(ContainerSpecBuilder spec) {
    return sandbox.pinnace().containers().start(spec);
  }
}
