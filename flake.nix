{
  description = "Nova: a self-hosted platform for autonomous agents";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;

      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "aarch64-darwin"
      ];
      eachSystem = make: lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});

      # The names of the Procfile, in its order; tests/packaging compares them.
      processes = [
        "postgres"
        "redis"
        "orchestrator"
        "worker"
        "chat-worker"
        "llm-gateway"
        "llm-translate"
        "memory-service"
        "memory-worker"
        "chat-api"
        "recovery"
        "dashboard"
      ];

      # Everything that scripts/up looks for on PATH. Python packages are not here: uv installs
      # them from requirements.lock and checks each one's hash.
      tools =
        pkgs:
        [
          pkgs.python312
          pkgs.uv
          (pkgs.postgresql_16.withPackages (extensions: [ extensions.pgvector ]))
          pkgs.redis
          pkgs.nodejs_22
          pkgs.honcho
          pkgs.ripgrep
          pkgs.git
        ]
        ++ lib.optionals pkgs.stdenv.hostPlatform.isLinux [
          pkgs.bubblewrap
          pkgs.util-linux
        ];

      # Wheels are linked against the libraries of an ordinary distribution: without these two on
      # the loader's path they do not load under Nix.
      environment =
        pkgs:
        {
          UV_PYTHON = "${pkgs.python312}/bin/python3.12";
          UV_PYTHON_DOWNLOADS = "never";
        }
        // lib.optionalAttrs pkgs.stdenv.hostPlatform.isLinux {
          LD_LIBRARY_PATH = lib.makeLibraryPath [
            pkgs.stdenv.cc.cc.lib
            pkgs.zlib
          ];
        };

      # A command that runs one of Nova's scripts in the checkout it is called from: the
      # environment and the dashboard's build are written there, which a store path cannot be.
      command =
        pkgs: name: script:
        pkgs.writeShellApplication {
          inherit name;
          runtimeInputs = tools pkgs;
          text = ''
            ${lib.concatStringsSep "\n" (
              lib.mapAttrsToList (variable: value: "export ${variable}=\"${value}\"") (environment pkgs)
            )}
            if [ ! -x scripts/up ] || [ ! -f flake.nix ]; then
              echo "Run this in a checkout of Nova: scripts/up is not in $PWD." >&2
              exit 1
            fi
            exec ${script} "$@"
          '';
        };
    in
    {
      devShells = eachSystem (pkgs: {
        default = pkgs.mkShell {
          packages = tools pkgs;
          env = environment pkgs;
        };
      });

      packages = eachSystem (
        pkgs:
        lib.genAttrs processes (name: command pkgs "nova-${name}" "scripts/run ${name}")
        // {
          default = command pkgs "nova" "scripts/up";
        }
      );

      # `nix run` starts all of Nova; `nix run .#worker` one process in a terminal of its own.
      apps = lib.genAttrs systems (
        system:
        lib.genAttrs (processes ++ [ "default" ]) (name: {
          type = "app";
          program = lib.getExe self.packages.${system}.${name};
        })
      );

      formatter = eachSystem (pkgs: pkgs.nixfmt);
    };
}
