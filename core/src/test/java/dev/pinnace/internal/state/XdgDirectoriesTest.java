package dev.pinnace.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class XdgDirectoriesTest {
  private static final String NAME = "XDG_DATA_HOME";

  @Test
  void named_absolute_isTaken() {
    assertThat(XdgDirectories.named(NAME, Map.of(NAME, "/data"))).contains(Path.of("/data"));
  }

  @Test
  void named_unsetEmptyOrRelative_isNone() {
    assertThat(XdgDirectories.named(NAME, Map.of())).isEmpty();
    assertThat(XdgDirectories.named(NAME, Map.of(NAME, ""))).isEmpty();
    assertThat(XdgDirectories.named(NAME, Map.of(NAME, "share"))).isEmpty();
  }
}
