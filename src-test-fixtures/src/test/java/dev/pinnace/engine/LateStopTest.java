package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.spec.ExitStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A stop that the supervisor reads when the program has ended by itself. */
class LateStopTest extends EngineFixture {
  private static final int HELLO = 1;
  private static final int STOP = 5;

  @Test
  void stopAfterTheNaturalEnd_changesNothingOfTheRecord() throws Exception {
    Container container = ready(engine.containers().start(waiting()));
    int program = container.inspect().pid().orElseThrow();
    int supervisor = Processes.supervisors(root()).get(0);
    try (UnixSocket client = connect(container)) {
      client.send(frame(HELLO, 1));
      eventually(() -> isAnswered(client));
      Processes.signal("STOP", supervisor);
      eventually(() -> state(supervisor).equals("T"));
      Processes.signal("KILL", program);
      eventually(() -> state(program).equals("Z"));
      client.send(frame(STOP, 0, 0));
      Processes.signal("CONT", supervisor);
      ExitStatus told = container.await();
      assertThat(told.code()).isEqualTo(137);
      assertThat(told.stopped()).isFalse();
    }
    assertThat(container.inspect().exit().orElseThrow().stopped()).isFalse();
  }

  private static UnixSocket connect(Container container) throws IOException {
    Path run = runDirectory().resolve(Cgroups.base(root()).getFileName());
    try (Dir directory = Dir.open(run.resolve(container.id().hex()))) {
      return UnixSocket.connect(directory.path() + "/sock");
    }
  }

  private static boolean isAnswered(UnixSocket client) {
    Optional<UnixSocket.Message> answer = client.receive();
    return answer.isPresent();
  }

  private static byte[] frame(int type, int... words) {
    ByteBuffer out =
        ByteBuffer.allocate(8 + 4 * words.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(type)
            .putInt(1);
    for (int word : words) {
      out.putInt(word);
    }
    return out.array();
  }

  /** The letter that proc(5) has for it. */
  private static String state(int pid) {
    try {
      String stat = Files.readString(Path.of("/proc", pid + "", "stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
    } catch (IOException gone) {
      return "gone";
    }
  }
}
