package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Fd;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spi.isolation.AttachRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
  private static final int ATTACHED = 0x8A;
  private static final int STATE_IS = 0x87;

  @TempDir private Path directory;

  private TestSupervisor supervisor;
  private SupervisedAttachment attachment;
  private int id;
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
    Frame request = supervisor.receive(Frame.ATTACH);
    id = request.id();
    received = request.descriptors();
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

  /** All of what is lost was told by then; the rest in its pipes may be handed on later. */
  @Test
  void outputThatIsLost_isToldEvenWhereTheContainerHasEnded() throws Exception {
    supervisor.send(Frame.encode(ATTACHED, id));
    supervisor.send(Frame.encode(Frame.LAGGED, id));
    supervisor.end();
    received.forEach(Fd::close);
    assertThat(reason()).isEqualTo(Detachment.LAGGED);
  }

  @Test
  void outputThatIsLost_toAnother_makesNoDifference() throws Exception {
    supervisor.send(Frame.encode(ATTACHED, id));
    supervisor.send(Frame.encode(Frame.LAGGED, id + 1));
    supervisor.end();
    received.forEach(Fd::close);
    assertThat(reason()).isEqualTo(Detachment.ENDED);
  }

  /** Its pipes are closed while the container lives: the supervisor says that it does. */
  @Test
  void whoHasFallenBehind_mayType_untilItIsClosed() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    attachment.fed(() -> ended.set(true));
    supervisor.send(Frame.encode(ATTACHED, id));
    received.forEach(Fd::close);
    Frame question = supervisor.receive(Frame.STATE);
    supervisor.send(Frame.encode(STATE_IS, question.id(), 2, 0, 0, 0, 0, 0));
    assertThat(reason()).isEqualTo(Detachment.LAGGED);
    assertThat(ended).isFalse();
    attachment.close();
    assertThat(ended).isTrue();
  }

  @Test
  void whoHasFallenBehind_mayType_untilTheContainerEnds() throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    attachment.fed(() -> ended.complete(null));
    supervisor.send(Frame.encode(ATTACHED, id));
    received.forEach(Fd::close);
    Frame question = supervisor.receive(Frame.STATE);
    supervisor.send(Frame.encode(STATE_IS, question.id(), 2, 0, 0, 0, 0, 0));
    assertThat(reason()).isEqualTo(Detachment.LAGGED);
    supervisor.end();
    ended.get(10, TimeUnit.SECONDS);
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
