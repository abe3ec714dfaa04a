using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.Cryptography;

namespace Watchword.Cli.Commands.Keys;

/// <summary><c>watchword keys inspect</c>: everything about key sets; the key material only with <c>--reveal</c>.</summary>
internal sealed class KeysInspectCommand : CliCommand
{
    private readonly KeySetSelection selection;
    private readonly Option<bool> reveal = new("--reveal") { Description = "show the secret keys SSK and RSK too" };

    public KeysInspectCommand(Surroundings surroundings)
        : base("inspect", "show key sets in full; the secret keys only with --reveal", surroundings)
    {
        selection = new KeySetSelection(this);
        Add(reveal);
    }

    public override string Details => """
        Shows the public part of each key set and, with `--reveal`, its secret keys: whoever sees them can sign and
        decrypt as the user until the key period ends. `--reveal` is the one way to see key material.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        .. KeySetText.Fields("keySets[]."),
        new("keySets[].pvt", "string, 130 hex digits", "public validation token (UserPubTokenPVT)"),
        new("keySets[].ssk", "string, 64 hex digits", "secret signing key (UserSigningKeySSK), with `--reveal`", Optional: true),
        new("keySets[].rsk", "string, 514 hex digits", "receiver secret key (UserDecryptKey), with `--reveal`", Optional: true),
    ];

    public override IReadOnlyList<ExitCode> Failures => [ExitCode.NotLoggedIn, ExitCode.Locked, ExitCode.NotFound];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        List<(KeySetInfo Info, Keys Keys)> shown = [.. selection.Pick(invocation, session.Store).Select(
            info => (info, Export(session.Store, info, invocation.Get(reveal))))];
        JsonArray machine = [];
        foreach ((KeySetInfo info, Keys keys) in shown)
        {
            JsonObject keySet = KeySetText.Json(info, session.Store, invocation.Now);
            keySet["pvt"] = keys.Pvt;
            if (keys.Ssk is not null)
            {
                keySet["ssk"] = keys.Ssk;
                keySet["rsk"] = keys.Rsk;
            }

            machine.Add(keySet);
        }

        invocation.Report.Result(new JsonObject { ["keySets"] = machine }, human =>
        {
            foreach ((KeySetInfo info, Keys keys) in shown)
            {
                human.Fields(
                [
                    .. KeySetText.Human(info, session.Store, invocation.Now),
                    ("pvt", keys.Pvt),
                    ("ssk (secret)", keys.Ssk),
                    ("rsk (secret)", keys.Rsk),
                ]);
                human.Line();
            }
        });
    }

    private static Keys Export(KeyStore store, KeySetInfo info, bool reveal)
    {
        byte[] ssk = GC.AllocateArray<byte>(EccsiSigningKey.SecretSizeInBytes, pinned: true);
        byte[] rsk = GC.AllocateArray<byte>(SakkeReceiverKey.SizeInBytes, pinned: true);
        byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        try
        {
            store.ExportKeys(info, ssk, pvt, rsk);
            return reveal
                ? new Keys(Printable.Hex(pvt), Printable.Hex(ssk), Printable.Hex(rsk))
                : new Keys(Printable.Hex(pvt), null, null);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(ssk);
            CryptographicOperations.ZeroMemory(rsk);
        }
    }

    // What is about to be printed; the secrets are null unless the user asked to see them.
    private sealed class Keys(string pvt, string? ssk, string? rsk)
    {
        public string Pvt => pvt;

        public string? Ssk => ssk;

        public string? Rsk => rsk;
    }
}
