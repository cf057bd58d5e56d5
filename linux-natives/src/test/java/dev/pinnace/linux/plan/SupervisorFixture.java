package dev.pinnace.linux.plan;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Runs a supervisor for a test. */
@Tag("vm-too")
abstract class SupervisorFixture {
  static final String FOREVER = "exec sleep 60";
  static final int STOP = 5;
  @TempDir Path directory;

  Launched run(SupervisorPolicy.Builder policy, String script) {
    return Launched.of(directory, TestPlans.script(policy, script));
  }
}
