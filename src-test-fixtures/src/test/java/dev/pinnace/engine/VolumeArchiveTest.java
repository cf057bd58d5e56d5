package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Volume;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Volumes to archives and back. */
class VolumeArchiveTest extends VolumeFixture {
  private static final String TREE =
      "cd /v; busybox find . | busybox sort | while read -r f; do busybox stat -c '%n %F %a %u:%g %h"
          + " %t:%T %s %Y' \"$f\"; done; busybox find . -type f | busybox sort | busybox xargs"
          + " busybox md5sum; [ one -ef d/two ] && echo same file; busybox readlink l";

  private static final String FILL =
      "cd /v; busybox mkdir d; echo one >one; busybox ln one d/two; busybox ln -s ../../x l; busybox"
          + " mkfifo p; busybox chown 12:34 one; busybox chmod 4711 one; busybox chown 5:6 .;"
          + " busybox chmod 2750 .; busybox touch -d @1000000000 d . one";

  private static Mount mount(String volume) {
    return Mount.volume(volume).at("/v");
  }

  private byte[] backup(String volume) {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    engine.volumes().get(volume).backup(tar);
    return tar.toByteArray();
  }

  private Volume restore(String volume, byte[] tar) {
    return engine.volumes().restore(VolumeSpec.named(volume), new ByteArrayInputStream(tar));
  }

  @Test
  void backup_restored_isTheSame() {
    run(shell(FILL).mount(mount("one")));
    String before = run(shell(TREE).mount(mount("one")));
    assertThat(before).contains("same file", ". directory 2750 5:6", "4711 12:34 2");
    VolumeSpec two = VolumeSpec.named("two").withLabel("a", "b");
    Volume restored = engine.volumes().restore(two, new ByteArrayInputStream(backup("one")));
    assertThat(restored.inspect().spec().labels()).isEqualTo(Map.of("a", "b"));
    assertThat(run(shell(TREE).mount(mount("two")))).isEqualTo(before);
  }

  @Test
  void restore_overAVolume_isAConflict() throws Exception {
    engine.volumes().create("one");
    byte[] tar = backup("one");
    engine.volumes().create("two");
    Files.writeString(data("two").resolve("file"), "kept");
    assertThatThrownBy(() -> restore("two", tar))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("there is a volume two already");
    assertThat(data("two").resolve("file")).hasContent("kept");
  }

  @Test
  void restore_ofADamagedArchive_leavesNothing() {
    run(shell(FILL).mount(mount("one")));
    byte[] tar = backup("one");
    byte[] half = java.util.Arrays.copyOf(tar, 700);
    assertThatThrownBy(() -> restore("two", half)).isInstanceOf(PinnaceException.class);
    assertThat(names()).containsExactly("one");
  }

  @Test
  void backup_whoseReaderIsGone_fails() {
    run(shell(FILL).mount(mount("one")));
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("no reader");
          }
        };
    assertThatThrownBy(() -> engine.volumes().get("one").backup(broken))
        .isInstanceOf(PinnaceException.class)
        .hasMessage("cannot write the files of volume one: no reader");
    engine.volumes().get("one").remove();
  }

  @Test
  void backup_whileContainersWrite_hasOneMoment() throws Exception {
    Container writer =
        ready(
            engine
                .containers()
                .start(
                    shell(
                            "echo ready; i=0; while :; do i=$((i + 1)); echo $i >/v/a; echo $i >/v/b;"
                                + " done")
                        .mount(mount("one"))));
    for (int i = 0; i < 5; i++) {
      restore("copy" + i, backup("one"));
      String first = Files.readString(data("copy" + i).resolve("a")).strip();
      String second = Files.readString(data("copy" + i).resolve("b")).strip();
      if (!first.isEmpty() && !second.isEmpty()) {
        assertThat(Long.parseLong(first) - Long.parseLong(second)).isBetween(0L, 1L);
      }
    }
    assertThat(writer.inspect().status().isAlive()).isTrue();
    String now = Files.readString(data("one").resolve("a"));
    eventually(() -> !now.equals(read(writer)));
  }

  private static String read(Container container) {
    return container.execute("busybox", "cat", "/v/a").stdout();
  }
}
