package dev.pinnace.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetachedMountTest {
  @TempDir Path host;

  @BeforeEach
  void needsRoot() {
    try (Dir self = Dir.open(Path.of("/proc/self"))) {
      assumeTrue(self.stat().uid() == 0, "mounting needs root");
    }
  }

  private static void write(Dir dir, String name, String text) {
    try (Fd fd = dir.open(name, Fcntl.O_WRONLY | Fcntl.O_CREAT, 0644)) {
      fd.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void overlay_detached_isReachedByItsRootAndNotSeenByTheHost() {
    List<MountInfo> before = Mounts.list();
    try (Dir dir = Dir.open(host)) {
      for (String name : List.of("lower", "upper", "work")) {
        dir.mkdir(name, 0755);
      }
      try (Dir lower = dir.openDir("lower")) {
        write(lower, "kept", "1");
        write(lower, "gone", "2");
      }
      try (Dir upper = dir.openDir("upper")) {
        upper.mknod("gone", FileType.CHARACTER_DEVICE.bits(), 0, 0);
      }
      try (FileSystemContext overlay = FileSystemContext.open("overlay")) {
        overlay.set("lowerdir", host + "/lower");
        overlay.set("upperdir", host + "/upper").set("workdir", host + "/work");
        try (DetachedMount mount = overlay.mount(MountApi.MOUNT_ATTR_NODEV);
            Dir root = mount.root()) {
          assertThat(root.list()).containsExactly("kept");
          assertThat(FileSystemInfo.of(root).name()).isEqualTo("overlay");
          write(root, "new", "3");
          assertThat(Mounts.list()).isEqualTo(before);
        }
      }
      try (Dir upper = dir.openDir("upper")) {
        assertThat(upper.list()).containsExactly("gone", "new");
      }
    }
  }

  @Test
  void context_refused_saysWhatTheKernelSays() {
    try (FileSystemContext tmpfs = FileSystemContext.open("tmpfs")) {
      assertThatThrownBy(() -> tmpfs.set("no-such-option", "1"))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("no-such-option=1")
          .hasMessageContaining("Unknown parameter")
          .hasMessageContaining("EINVAL");
    }
    assertThatThrownBy(() -> FileSystemContext.open("nofs").close())
        .isInstanceOf(ErrnoException.class)
        .hasMessageContaining("ENODEV");
  }

  @Test
  void attach_once_showsInTheTable_andUnmounts() {
    Path target = host.resolve("a b");
    try (Dir dir = Dir.open(host);
        FileSystemContext tmpfs = FileSystemContext.open("tmpfs")) {
      dir.mkdir("a b", 0755);
      try (DetachedMount mount = tmpfs.set("size", "1m").mount(0)) {
        mount.setAttributes(MountApi.MOUNT_ATTR_RDONLY, 0, false);
        mount.attach(target);
        try {
          MountInfo seen =
              Mounts.list().stream()
                  .filter(info -> info.target().equals(target.toString()))
                  .findFirst()
                  .orElseThrow();
          assertThat(seen.type()).isEqualTo("tmpfs");
          assertThat(seen.isReadOnly()).isTrue();
          assertThat(dir.statFollowing("a b").mountId()).isEqualTo(seen.id());
          assertThatThrownBy(() -> dir.removeTree("a b"))
              .isInstanceOf(ErrnoException.class)
              .hasMessageContaining("EXDEV");
        } finally {
          Mounts.unmount(target, MountApi.UMOUNT_NOFOLLOW | MountApi.MNT_DETACH);
        }
      }
    }
    assertThat(Mounts.list()).noneMatch(info -> info.target().equals(target.toString()));
  }

  @Test
  void bind_ofADirectory_isACopyOfTheMount() {
    try (Dir dir = Dir.open(host)) {
      write(dir, "f", "x");
      try (DetachedMount copy = DetachedMount.bind(dir, false);
          Dir root = copy.root()) {
        assertThat(root.list()).containsExactly("f");
        copy.setAttributes(MountApi.MOUNT_ATTR_RDONLY, 0, false);
        assertThatThrownBy(() -> root.mkdir("d", 0755))
            .isInstanceOf(ErrnoException.class)
            .hasMessageContaining("EROFS");
      }
      dir.unlink("f");
    }
  }

  @Test
  void mountInfo_octalEscapes_areUndone() {
    MountInfo info =
        MountInfo.parse("36 35 98:0 / /a\\040b rw,noatime shared:1 master:2 - ext3 /dev/r rw,x=y");
    assertThat(info.target()).isEqualTo("/a b");
    assertThat(info.isShared()).isTrue();
    assertThat(info.optional()).containsExactly("shared:1", "master:2");
    assertThat(info.superOptions()).containsExactly("rw", "x=y");
  }
}
