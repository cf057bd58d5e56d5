package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DamageTest {
  private static RuntimeException reading(IOException failure) {
    return new UncheckedIOException("cannot read /x", failure);
  }

  private static IOException refusal(String text) {
    return new FileSystemException("/x", null, text);
  }

  @Test
  void reason_ofWhatLasts_isSaid() {
    assertThat(Damage.reason(new CorruptException("/x is damaged"))).isEqualTo("/x is damaged");
    assertThat(Damage.reason(reading(refusal("Input/output error"))))
        .isEqualTo("cannot read /x: /x: EIO (input/output error)");
    assertThat(Damage.reason(reading(new IOException("Input/output error")))).contains("error");
    assertThat(Damage.reason(reading(new AccessDeniedException("/x")))).contains("AccessDenied");
  }

  @Test
  void reason_ofWhatMayPass_isThrown() {
    for (IOException passing :
        List.of(
            refusal("Too many open files"),
            refusal("Too many open files in system"),
            refusal("Cannot allocate memory"),
            new ClosedByInterruptException())) {
      RuntimeException failure = reading(passing);
      assertThatThrownBy(() -> Damage.reason(failure)).isSameAs(failure);
    }
  }
}
