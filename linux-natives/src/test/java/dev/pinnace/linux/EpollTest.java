package dev.pinnace.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EpollTest {
  private static final int SOON = 5_000;

  private final Epoll epoll = new Epoll();

  @AfterEach
  void close() {
    epoll.close();
  }

  @Test
  void wakeUp_endsAwait_once() throws Exception {
    CompletableFuture<List<Epoll.Event>> waiting =
        CompletableFuture.supplyAsync(() -> epoll.await(-1));
    epoll.wakeUp();
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isEmpty();
    long begin = System.nanoTime();
    assertThat(epoll.await(20)).isEmpty();
    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(19_000_000);
  }

  @Test
  void await_tellsTheKey_untilRemoved() {
    try (Pipe pipe = Pipe.open()) {
      epoll.add(pipe.readEnd(), 7);
      assertThat(epoll.await(0)).isEmpty();
      pipe.writeEnd().write(new byte[1]);
      assertThat(epoll.await(SOON)).containsExactly(new Epoll.Event(7, Epoll.READABLE));
      // Level-triggered: it is still there.
      assertThat(epoll.await(SOON)).hasSize(1);
      epoll.remove(pipe.readEnd());
      assertThat(epoll.await(0)).isEmpty();
      epoll.add(pipe.readEnd(), 8);
      pipe.writeEnd().close();
      assertThat(epoll.await(SOON))
          .containsExactly(new Epoll.Event(8, Epoll.READABLE | Epoll.HANGUP));
    }
  }

  @Test
  void add_twice_isEexist() {
    try (Pipe pipe = Pipe.open()) {
      epoll.add(pipe.readEnd(), 1);
      assertThatThrownBy(() -> epoll.add(pipe.readEnd(), 2))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("EEXIST");
    }
  }

  @Test
  void await_moreThanABatch_tellsAllInTheEnd() {
    List<Pipe> pipes = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        Pipe pipe = Pipe.open();
        pipes.add(pipe);
        epoll.add(pipe.readEnd(), i);
        pipe.writeEnd().write(new byte[1]);
      }
      Set<Long> seen = new TreeSet<>();
      for (int round = 0; round < 20 && seen.size() < 200; round++) {
        epoll.await(SOON).forEach(event -> seen.add(event.key()));
      }
      assertThat(seen).hasSize(200);
    } finally {
      pipes.forEach(Pipe::close);
    }
  }

  @Test
  void await_closed_isAnError() {
    epoll.close();
    assertThatIllegalStateException().isThrownBy(() -> epoll.await(0));
    assertThatIllegalStateException().isThrownBy(epoll::wakeUp);
  }
}
