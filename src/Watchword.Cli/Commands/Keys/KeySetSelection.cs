using System.CommandLine;
using Watchword.Client;

namespace Watchword.Cli.Commands.Keys;

/// <summary>The options that pick stored key sets.</summary>
internal sealed class KeySetSelection
{
    private readonly Option<string?> uri = new("--uri") { Description = "only key sets of this identity", HelpName = "URI" };
    private readonly Option<long?> periodNumber = new("--period-no")
    {
        Description = "only key sets of this key period",
        HelpName = "N",
    };

    public KeySetSelection(Command command)
    {
        command.Add(uri);
        command.Add(periodNumber);
    }

    /// <summary>The key sets picked; fails if there is none.</summary>
    public IReadOnlyList<KeySetInfo> Pick(Invocation invocation, KeyStore store)
    {
        (string? user, long? number) = (invocation.Get(uri), invocation.Get(periodNumber));
        List<KeySetInfo> picked = [.. store.KeySets.Where(keySet =>
            (user is null || string.Equals(keySet.UserUri, user, StringComparison.Ordinal))
            && (number is null || keySet.Period.Number == number))];
        return picked.Count > 0
            ? picked
            : throw new CliException(
                ExitCode.NotFound, store.KeySets.Count == 0 ? "the key store holds no key set" : "no key set fits")
            {
                Hint = store.KeySets.Count == 0
                    ? "watchword keys get"
                    : "watchword keys list shows what there is; URIs are compared octet by octet",
            };
    }
}
