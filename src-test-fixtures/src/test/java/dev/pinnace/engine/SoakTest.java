package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Four JVMs with eight threads each on one root, and a fifth that is killed. {@code
 * -Dpinnace.soak=300} makes it minutes.
 */
class SoakTest extends EngineFixture {
  private static final int LIVES = Integer.getInteger("pinnace.soak", 5);

  private final List<Peer> peers = new ArrayList<>();

  @Test
  @Timeout(3600)
  void manyJvmsAndThreads_loseNothing_andLeaveNothing() {
    try {
      for (int seed = 0; seed < 5; seed++) {
        Peer peer = Peer.start(root(), runDirectory());
        peers.add(peer);
        peer.say("soak", Integer.toString(seed), Integer.toString(LIVES));
      }
      eventually(() -> !engine.containers().list(ContainerFilter.all()).isEmpty());
      peers.remove(0).kill();
      List<String> kept = new ArrayList<>();
      for (Peer peer : peers) {
        String answer = peer.hear();
        assertThat(answer).startsWith("kept ");
        Stream.of(answer.substring("kept ".length()).split(",")).forEach(kept::add);
      }
      everyoneIsThereOnce(kept);
    } finally {
      peers.forEach(Peer::close);
    }
    engine().close(); // removes what killed JVMs were about to make
  }

  private void everyoneIsThereOnce(List<String> kept) {
    List<ContainerState> all = engine.containers().list(ContainerFilter.all());
    assertThat(all).extracting(ContainerState::name).doesNotHaveDuplicates();
    assertThat(all).extracting(state -> state.id().hex()).doesNotHaveDuplicates().containsAll(kept);
    for (ContainerState state : all) {
      assertThat(engine.containers().get(state.name()).id()).isEqualTo(state.id());
    }
  }
}
