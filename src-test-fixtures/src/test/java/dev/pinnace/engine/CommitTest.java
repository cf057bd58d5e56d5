package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Images made of containers. */
class CommitTest extends EngineFixture {
  private static final String TREE =
      "busybox find /work /etc | busybox sort | while read -r f; do busybox stat -c '%n %F %a %u:%g"
          + " %h %t:%T %s' \"$f\"; done; busybox find /work -type f | busybox sort | busybox xargs"
          + " busybox md5sum; [ /work/one -ef /work/d/two ] && echo same file; readlink() { busybox"
          + " readlink \"$@\"; }; readlink /work/l";

  private static final String CHANGES =
      "busybox mkdir -p /work/d; echo one >/work/one; busybox ln /work/one /work/d/two; busybox ln"
          + " -s ../nowhere /work/l; busybox mkfifo /work/p; busybox mknod /work/null c 1 3;"
          + " busybox chown 12:34 /work/one; busybox chmod 4711 /work/one; busybox chmod 1777"
          + " /work/d; busybox rm /etc/group; echo more >>/etc/passwd; busybox rm -r /root; busybox"
          + " dd if=/dev/zero of=/work/big bs=1k seek=5000 count=1 2>/dev/null;";

  @AfterEach
  void removeImages() {
    for (var left : engine.images().list()) {
      if (!left.references().contains(IMAGE)) {
        engine.images().remove(left.id().toString(), true);
      }
    }
  }

  private Container ended(String script) {
    Container container = engine.containers().start(shell(script));
    assertThat(container.await().code()).as(container.logs().text()).isZero();
    return container;
  }

  @Test
  void commit_runAgain_hasTheSameTree() {
    Container container = ended(CHANGES + TREE);
    Image committed = container.commit(CommitSpec.named("made:1"));
    assertThat(committed.references()).containsExactly("made:1");
    String again =
        engine.containers().run(image("made:1").command("busybox", "sh", "-c", TREE)).stdout();
    assertThat(again).isEqualTo(container.logs().text()).contains("same file", "4711 12:34 2");
    assertThat(
            engine.containers().run(image("made:1").command("busybox", "ls", "/root")).exitCode())
        .isNotZero();
  }

  @Test
  void labelsOfTheImage_areThoseOfItsContainersToo() {
    Container base = engine.containers().create(shell("true"));
    base.commit(CommitSpec.named("made:1").withChange("LABEL keep=image other=image"));
    Container made =
        engine.containers().create(image("made:1").command("true").label("other", "own"));
    assertThat(made.inspect().spec().labels())
        .containsEntry("keep", "image")
        .containsEntry("other", "own");
    assertThat(engine.containers().list(ContainerFilter.all().label("keep", "image")))
        .extracting(ContainerState::id)
        .containsExactly(made.id());
    assertThat(
            engine.containers().prune(ContainerFilter.all().withoutLabel("keep", "")).containers())
        .containsExactly(base.id());
  }

  @Test
  void commit_describesItself() {
    Container container =
        engine
            .containers()
            .create(
                shell("echo x >/x")
                    .env("A", "b")
                    .env("PATH", "/bin:/usr/bin")
                    .label("l", "m")
                    .workdir("/tmp")
                    .user("0:0"));
    String ran = String.join(" ", container.inspect().spec().process().command());
    container.start();
    container.await();
    ImageConfig before = engine.images().get(IMAGE).config();
    ImageConfig after =
        container
            .commit(
                CommitSpec.unnamed()
                    .withAuthor("Ann")
                    .withMessage("why")
                    .withChange("ENV C=$A/d")
                    .withChange("CMD [\"busybox\", \"true\"]"))
            .config();
    ExecutionConfig config = after.config();
    assertThat(config.env()).containsExactly("PATH=/bin:/usr/bin", "A=b", "C=b/d");
    assertThat(config.cmd()).containsExactly("busybox", "true");
    assertThat(config.labels()).containsEntry("l", "m");
    assertThat(config.workingDir()).isEqualTo("/tmp");
    assertThat(config.user()).isEqualTo("0:0");
    assertThat(after.author()).contains("Ann");
    assertThat(after.created()).isPresent();
    assertThat(after.diffIds())
        .hasSize(before.diffIds().size() + 1)
        .startsWith(before.diffIds().toArray(new Digest[0]));
    assertThat(after.history()).hasSize(before.history().size() + 1);
    ImageConfig.History last = after.history().get(after.history().size() - 1);
    assertThat(last.createdBy()).as("what ran, not what will").isEqualTo(ran);
    assertThat(last.comment()).isEqualTo("why");
    assertThat(last.author()).isEqualTo("Ann");
    assertThat(last.emptyLayer()).isFalse();
  }

  @Test
  void commit_ofNoChange_makesNoLayer() {
    Container container = engine.containers().create(shell("true"));
    Image image = container.commit(CommitSpec.named("same:1"));
    assertThat(image.config().diffIds()).isEqualTo(engine.images().get(IMAGE).config().diffIds());
    assertThat(engine.images().history("same:1").get(0).size()).isEqualTo(Bytes.of(0));
  }

  @Test
  void commit_ofRunning_pausesAndGoesOn() {
    Container container = ready(engine.containers().start(waiting()));
    Image image = container.commit(CommitSpec.unnamed());
    assertThat(image.references()).isEmpty();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    container.pause();
    container.commit(CommitSpec.unnamed());
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.PAUSED);
    container.unpause();
    container.commit(CommitSpec.unnamed().withoutPause());
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
  }

  @Test
  void commit_interrupted_leavesNothingAndNobodyPaused() throws Exception {
    Container container =
        engine
            .containers()
            .start(
                shell(
                    "i=0; while [ $i -lt 3000 ]; do echo $i >/file$i; i=$((i+1)); done; echo ready;"
                        + " trap 'exit 0' TERM; while :; do busybox sleep 0.05; done"));
    ready(container);
    List<Path> before = children(root().resolve("content/blobs/sha256"));
    for (int millis = 0; millis < 400; millis += 40) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread committing =
          new Thread(
              () -> {
                try {
                  container.commit(CommitSpec.named("never:1"));
                  engine.images().remove("never:1", true);
                } catch (RuntimeException e) {
                  failure.set(e);
                }
              });
      committing.start();
      Thread.sleep(millis);
      committing.interrupt();
      committing.join();
      if (failure.get() != null) {
        assertThat(failure.get()).isInstanceOf(CancelledException.class);
      }
      assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
      assertThat(engine.images().find("never:1")).isEmpty();
      assertThat(children(root().resolve("content/ingest"))).isEmpty();
      assertThat(children(root().resolve("content/blobs/sha256"))).isEqualTo(before);
    }
  }

  @Test
  void commit_wrongSpecs_areRefused() {
    Container container = engine.containers().create(shell("true"));
    for (CommitSpec spec :
        List.of(
            CommitSpec.named("Not A Name"),
            CommitSpec.named("x@sha256:" + "a".repeat(64)),
            CommitSpec.unnamed().withChange("RUN rm -rf /"),
            CommitSpec.unnamed().withChange("CMD"),
            CommitSpec.unnamed().withChange("EXPOSE http"))) {
      assertThatThrownBy(() -> container.commit(spec))
          .as(spec.toString())
          .isInstanceOf(InvalidSpecException.class);
    }
    assertThat(engine.images().list()).hasSize(1);
  }

  @Test
  void commit_ofWhatNobodyCouldRead_isRefused_andLeavesTheNameAlone() {
    Container container = engine.containers().create(shell("true"));
    var before = engine.images().get(IMAGE).id();
    for (int length : new int[] {60_000, 5 << 20}) {
      CommitSpec spec =
          CommitSpec.named(IMAGE)
              .withChange(
                  length > 1 << 20
                      ? "LABEL x=" + "y".repeat(length)
                      : "LABEL " + "x".repeat(length) + "=1");
      assertThatThrownBy(() -> container.commit(spec))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("shorter labels");
    }
    assertThat(engine.images().get(IMAGE).id()).isEqualTo(before);
  }

  @Test
  void commit_withoutItsImage_saysWhatToDo() {
    engine.images().tag(IMAGE, "other:1");
    Container made = ended("echo >/x");
    made.commit(CommitSpec.named("base:1"));
    Container container =
        engine.containers().start(image("base:1").command("busybox", "sh", "-c", "echo >/y"));
    container.await();
    engine.images().remove("base:1", true);
    assertThatThrownBy(() -> container.commit(CommitSpec.unnamed()))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("export");
    engine.images().remove("other:1", false);
  }

  @Test
  void commit_ofADamagedStore_namesTheBlob() throws IOException {
    Container container = ended("echo >/x");
    Path blob =
        root()
            .resolve("content/blobs/sha256")
            .resolve(engine.images().get(IMAGE).config().diffIds().get(0).hex());
    Path away = Files.move(blob, root().resolve("away"));
    try {
      assertThatThrownBy(() -> container.commit(CommitSpec.named("x:1")))
          .isInstanceOf(PinnaceException.class)
          .hasMessageContaining("load or pull that image again");
      assertThat(engine.images().find("x:1")).isEmpty();
    } finally {
      Files.move(away, blob);
    }
  }

  @Test
  void commit_ofAContainerWithUsersOfItsOwn_hasTheIdsThatItSees() {
    Container container =
        engine
            .containers()
            .start(
                shell("echo x >/mine; echo y >/other; busybox chown 5:6 /other")
                    .userMap(100_000, 100_000, 65_536));
    assertThat(container.await().code()).as(container.logs().text()).isZero();
    container.commit(CommitSpec.named("mapped:1"));
    assertThat(
            engine
                .containers()
                .run(
                    image("mapped:1")
                        .command("busybox", "stat", "-c", "%n %u:%g", "/mine", "/other"))
                .stdout())
        .isEqualTo("/mine 0:0\n/other 5:6\n");
  }
}
