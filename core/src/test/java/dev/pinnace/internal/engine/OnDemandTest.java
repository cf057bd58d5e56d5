package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnDemandTest {
  private final List<Part> made = new ArrayList<>();
  private final OnDemand<Part> part =
      new OnDemand<>(
          () -> {
            Part one = new Part();
            made.add(one);
            return one;
          });

  @Test
  void isMadeOnceAndOnlyWhenItIsNeeded() {
    assertThat(made).isEmpty();
    assertThat(part.get()).isSameAs(part.get());
    assertThat(made).hasSize(1);
  }

  @Test
  void isClosedIfItWasMade() {
    part.close();
    assertThat(made).isEmpty();
  }

  @Test
  void closesWhatWasMade() {
    Part one = part.get();
    part.close();
    assertThat(one.closed).isTrue();
    assertThat(part.get()).isSameAs(one);
  }

  @Test
  void isClosedAlreadyForThoseWhoComeLate() {
    part.close();
    assertThat(part.get().closed).isTrue();
  }

  @Test
  void saysWhatCouldNotBeClosed() {
    part.get().fails = true;
    assertThatThrownBy(part::close).hasMessageContaining("Part").hasRootCauseMessage("stuck");
  }

  private static final class Part implements AutoCloseable {
    private boolean closed;
    private boolean fails;

    @Override
    public void close() throws Exception {
      if (fails) {
        throw new Exception("stuck");
      }
      closed = true;
    }
  }
}
