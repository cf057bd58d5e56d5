package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Fd;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spi.isolation.AttachRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Why an attachment ends; the test is its supervisor. */
@Timeout(60)
class SupervisedAttachmentTest {
  @TempDir private Path directory;

  private TestSupervisor supervisor;
  private SupervisedAttachment attachment;
  private List<Fd> received;

  @BeforeEach
  void attach() {
    supervisor = new TestSupervisor(directory);
    attachment =
        SupervisedAttachment.begin(
            supervisor.loop(),
            supervisor.container(),
            new AttachRequest(
                Optional.empty(),
                Optional.empty(),
                piece -> {},
                piece -> {},
                ForkJoinPool.commonPool()),
            Optional.empty());
    Frame unused = supervisor.receive(Frame.WAIT);
    received = supervisor.receive(Frame.ATTACH).descriptors();
  }

  @AfterEach
  void close() {
    received.forEach(Fd::close);
    attachment.close();
    supervisor.close();
  }

  private Detachment reason() throws Exception {
    return attachment.over().get(10, TimeUnit.SECONDS);
  }

  @Test
  void containerOfWhoseEndNothingIsKnown_hasEnded() throws Exception {
    Files.writeString(directory.resolve("exit"), "damaged");
    supervisor.end();
    received.forEach(Fd::close);
    assertThat(reason()).isEqualTo(Detachment.ENDED);
    assertThat(supervisor.container().exit()).isCompletedExceptionally();
  }

  @Test
  void engineThatIsClosed_closesIt() throws Exception {
    supervisor.container().close();
    received.forEach(Fd::close);
    assertThat(reason()).isEqualTo(Detachment.CLOSED);
  }

  @Test
  void close_endsTheFeedingAtOnce() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    attachment.fed(() -> ended.set(true));
    assertThat(ended).isFalse();
    attachment.close();
    assertThat(ended).isTrue();
    assertThat(reason()).isEqualTo(Detachment.CLOSED);
  }
}
