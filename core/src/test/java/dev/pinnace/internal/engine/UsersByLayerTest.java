package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.internal.container.Users;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersByLayerTest {
  @Test
  void get_moreLayersThanAreKept_forgetsTheOneUnusedForLongest(@TempDir Path empty) {
    try (Dir root = Dir.open(empty)) {
      UsersByLayer users = new UsersByLayer();
      List<Digest> read = new ArrayList<>();
      for (int i = 0; i < UsersByLayer.MOST; i++) {
        users.get(layer(i), digest -> Users.in(root));
      }
      users.get(layer(0), digest -> Users.in(root));
      users.get(layer(UsersByLayer.MOST), digest -> Users.in(root));
      for (int i : new int[] {0, 1}) {
        users.get(
            layer(i),
            digest -> {
              read.add(digest);
              return Users.in(root);
            });
      }
      assertThat(read).containsExactly(layer(1));
    }
  }

  private static Digest layer(int number) {
    return new Digest(String.format("%064x", number));
  }
}
