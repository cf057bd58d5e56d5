package dev.pinnace.internal.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.isolation.IsolationBackendProvider;
import dev.pinnace.spi.isolation.IsolationOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IsolationBackendsTest {
  private static final IsolationBackendProvider WORKS = new Fake("works", 1, "");
  private static final IsolationBackendProvider BEST = new Fake("best", 2, "");
  private static final IsolationBackendProvider BROKEN = new Fake("broken", 3, "no kernel");

  private record Fake(String name, int preference, String reason)
      implements IsolationBackendProvider {
    @Override
    public Optional<HostFeature> obstacle() {
      return reason.isEmpty()
          ? Optional.empty()
          : Optional.of(HostFeature.missing(name, reason, "build one"));
    }

    @Override
    public IsolationBackend open(IsolationOptions options) {
      throw new IllegalStateException("nobody opens it");
    }
  }

  private static IsolationBackends of(IsolationBackendProvider... providers) {
    return IsolationBackends.of(List.of(providers));
  }

  @Test
  void discover_findsLinux() {
    assertThat(IsolationBackends.discover(getClass().getClassLoader()).names()).contains("linux");
  }

  @Test
  void choose_takesTheBestThatWorks() {
    assertThat(of(WORKS, BROKEN, BEST).choose()).isSameAs(BEST);
    assertThat(of(WORKS, BROKEN, BEST).names()).containsExactly("broken", "best", "works");
  }

  @Test
  void choose_whereNoneWorks_saysWhyAndWhatToDo() {
    assertThatThrownBy(() -> of(BROKEN).choose())
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("broken: no kernel")
        .hasMessageContaining("build one");
    assertThatThrownBy(() -> of().choose()).isInstanceOf(UnsupportedException.class);
  }

  @Test
  void choose_byName() {
    assertThat(of(WORKS, BEST).choose("works")).isSameAs(WORKS);
    assertThatThrownBy(() -> of(WORKS, BROKEN).choose("broken"))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("no kernel");
  }

  @Test
  void builder_ofANameThatIsNotThere_listsThoseThatAre(@TempDir Path directory) {
    Pinnace.Builder builder = Pinnace.builder().root(directory.resolve("root"));
    assertThatThrownBy(() -> builder.isolation("of-dreams").open())
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("of-dreams")
        .hasMessageContaining("linux");
    assertThat(directory.resolve("root")).doesNotExist();
  }
}
