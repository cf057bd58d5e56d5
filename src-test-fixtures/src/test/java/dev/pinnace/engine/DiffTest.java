package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.Change;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Mount;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container has changed of its image's files. */
class DiffTest extends EngineFixture {
  private static final String MAKE =
      "busybox mkdir -p /work/full/deep /work/kept /work/gone; echo a >/work/full/one;"
          + " echo b >/work/full/two; echo c >/work/full/deep/three; echo d >/work/kept/same;"
          + " echo e >/work/gone/four; echo f >/work/five; echo g >/work/six;"
          + " busybox mkdir -p /work/over/in; echo i >/work/over/in/left; echo j >/work/over/in/lost";
  private static final String CHANGE =
      "echo more >>/work/five; busybox rm -r /work/gone /work/six;"
          + " busybox rm -r /work/full; busybox mkdir /work/full; echo b2 >/work/full/two;"
          + " echo new >/work/full/new; busybox chmod 700 /work/kept; echo h >/seven;"
          + " busybox ln -s seven /eight; busybox mkfifo /work/kept/nine;"
          + " busybox rm -r /work/over; busybox mkdir -p /work/over/in; echo i2 >/work/over/in/left";
  private static final List<String> CHANGED =
      List.of(
          "A /eight",
          "A /seven",
          "C /work",
          "C /work/five",
          "C /work/full",
          "D /work/full/deep",
          "A /work/full/new",
          "D /work/full/one",
          "C /work/full/two",
          "D /work/gone",
          "C /work/kept",
          "A /work/kept/nine",
          "C /work/over",
          "C /work/over/in",
          "C /work/over/in/left",
          "D /work/over/in/lost",
          "D /work/six");

  @AfterEach
  void removeImages() {
    for (var left : engine.images().list()) {
      if (!left.references().contains(IMAGE)) {
        engine.images().remove(left.id().toString(), true);
      }
    }
  }

  private Container changed(Pinnace by) {
    Container base = by.containers().start(shell(MAKE));
    assertThat(base.await().code()).isZero();
    base.commit(CommitSpec.named("base:1"));
    Container container =
        by.containers().start(ContainerSpec.image("base:1").command("busybox", "sh", "-c", CHANGE));
    assertThat(container.await().code()).as(container.logs().text()).isZero();
    return container;
  }

  private static List<String> texts(Container container) {
    return container.diff().stream().map(Change::toString).toList();
  }

  @Test
  void diff_ofAStoppedContainer_namesAllThatIsNewOtherOrGone() {
    assertThat(texts(changed(engine))).isEqualTo(CHANGED);
  }

  @Test
  void diff_ofACopiedTree_isTheSame(@TempDir Path directory) {
    try (Pinnace copying =
        Pinnace.builder()
            .root(directory.resolve("root"))
            .runDirectory(directory.resolve("run"))
            .storage("vfs")
            .open()) {
      copying.images().host("busybox").named(IMAGE).build();
      assertThat(texts(changed(copying))).isEqualTo(CHANGED);
    }
  }

  @Test
  void diff_ofContainersThatDidNothing_isEmptyDespiteMountPoints() {
    assertThat(engine.containers().create(shell("true")).diff()).isEmpty();
    Container running =
        ready(engine.containers().start(waiting().mount(Mount.tmpfs().at("/fresh"))));
    assertThat(running.diff()).isEmpty();
  }

  @Test
  void diff_ofARunningContainer_showsWhatItHasWritten() {
    Container container = ready(engine.containers().start(waiting()));
    assertThat(container.execute("busybox", "sh", "-c", "echo x >/new").exitCode()).isZero();
    assertThat(texts(container)).containsExactly("A /new");
    container.pause();
    assertThat(texts(container)).containsExactly("A /new");
    container.unpause();
  }

  @Test
  void diff_ofARemovedContainer_findsNone() {
    Container container = engine.containers().create(shell("true"));
    container.remove(false);
    assertThatThrownBy(container::diff).isInstanceOf(NotFoundException.class);
  }

  @Test
  void size_whatItHasWritten() {
    Container container =
        engine
            .containers()
            .create(
                shell("busybox dd if=/dev/urandom of=/big bs=1k count=300; echo much to log")
                    .detached());
    long before = container.size().count();
    container.start();
    container.await();
    assertThat(container.size().count() - before).isBetween(300L * 1024, 400L * 1024);
    container.remove(false);
    assertThatThrownBy(container::size).isInstanceOf(NotFoundException.class);
  }
}
