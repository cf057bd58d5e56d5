package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What becomes of the pause of a commit whose process is killed. */
@Needs("root")
class BriefPauseTest extends EngineFixture {
  private static Path run(Container container) throws IOException {
    return children(runDirectory()).get(0).resolve(container.id().hex());
  }

  private static Path mark(Container container) throws IOException {
    return run(container).resolve("pause");
  }

  @Test
  void pauseOfOneWhoWasKilled_endsWithTheNextOpen() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    container.pause();
    Files.createFile(mark(container));
    try (Pinnace next = engine()) {
      assertThat(next.containers().get(container.id().hex()).inspect().status())
          .isEqualTo(ContainerStatus.RUNNING);
    }
    assertThat(mark(container)).doesNotExist();
  }

  @Test
  void pauseOfOneWhoLives_goesOn() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    container.pause();
    try (Dir run = Dir.open(run(container));
        LockFile alive = LockFile.open(run, "pause")) {
      assertThat(alive.tryLock(LockFile.Mode.SHARED)).isTrue();
      engine().close();
      assertThat(container.inspect().status()).isEqualTo(ContainerStatus.PAUSED);
    }
  }

  @Test
  void pauseByTheUser_isKept_thoughACommitWasKilledBefore() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    Files.createFile(mark(container));
    container.pause();
    engine().close();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.PAUSED);
  }

  @Test
  void commit_leavesNoMark() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    String image = container.commit(CommitSpec.unnamed()).id().toString();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    assertThat(mark(container)).doesNotExist();
    engine.images().remove(image, true);
  }
}
