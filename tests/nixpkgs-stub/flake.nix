# Stands in for nixpkgs where there is no network. It is closed on purpose: a package, an option of
# a builder or a library function that is not named here is an evaluation error, and so a
# misspelling in the real flake.nix fails the tests. Nothing in it can be built.
{
  description = "A closed list of package names in the shape of nixpkgs";

  outputs =
    { self }:
    let
      lib = import ./lib.nix;

      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "aarch64-darwin"
      ];

      plainPackages = [
        "bubblewrap"
        "git"
        "honcho"
        "nixfmt"
        "nodejs_22"
        "postgresql_16"
        "python312"
        "redis"
        "ripgrep"
        "util-linux"
        "uv"
        "zlib"
      ];

      packagesFor =
        system:
        let
          package =
            name: attributes:
            derivation (
              {
                inherit name system;
                builder = "/bin/sh";
              }
              // attributes
            );
          program = name: package name { } // { meta.mainProgram = name; };
          plain = lib.genAttrs plainPackages program;
        in
        plain
        // {
          inherit lib;

          postgresql_16 = plain.postgresql_16 // {
            withPackages =
              choose:
              package "postgresql-and-plugins" {
                plugins = choose { pgvector = program "pgvector"; };
              };
          };

          stdenv = {
            cc.cc.lib = program "gcc-lib";
            hostPlatform = {
              inherit system;
              isLinux = lib.hasSuffix "-linux" system;
              isDarwin = lib.hasSuffix "-darwin" system;
            };
          };

          mkShell =
            {
              packages ? [ ],
              env ? { },
              shellHook ? "",
            }:
            package "nix-shell" ({ inherit packages shellHook; } // env);

          writeShellApplication =
            {
              name,
              text,
              runtimeInputs ? [ ],
            }:
            package name { inherit text runtimeInputs; } // { meta.mainProgram = name; };
        };
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs systems packagesFor;
    };
}
