package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadyConditionTest {
  private final List<String> closed = new ArrayList<>();
  private int looks;

  /** Holds from its first look on, or throws. */
  private ReadyCondition condition(String name, boolean holds) {
    return new ReadyCondition() {
      @Override
      public boolean holds() {
        looks++;
        if (holds) {
          return true;
        }
        throw new ConflictException(name);
      }

      @Override
      public void close() {
        closed.add(name);
        if (!holds) {
          throw new ConflictException(name);
        }
      }
    };
  }

  @Test
  void all_whatHasHeld_isNotLookedAtAgain_whateverTheOthersThrow() {
    ReadyCondition all =
        ReadyCondition.all(List.of(condition("held", true), condition("ended", false)));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(all::holds).hasMessage("ended");
    }
    assertThat(looks).isEqualTo(4);
    assertThat(closed).containsExactly("held");
  }

  @Test
  void all_everyOneIsClosed_whateverTheOthersThrow() {
    ReadyCondition all =
        ReadyCondition.all(
            List.of(condition("one", false), condition("two", false), condition("three", true)));
    assertThatThrownBy(all::close).hasMessage("one");
    assertThat(closed).containsExactly("one", "two", "three");
  }
}
