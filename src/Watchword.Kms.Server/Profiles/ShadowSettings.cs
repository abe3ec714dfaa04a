using System.Collections.Frozen;
using Watchword.Hosting;

namespace Watchword.Kms.Server.Profiles;

/// <summary>The section <c>Kms:Shadow</c>, checked.</summary>
internal static class ShadowSettings
{
    /// <summary>Rules of security: a mode that only counts would be a hole.</summary>
    private static readonly FrozenSet<string> Security = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Token", "Scope", "Issuer", "IdentityOwnership", "UserUri", "Signature", "Replay", "Wrapping", "Disabled", "KeyPeriod");

    /// <summary>The rules in the shadow.</summary>
    public static FrozenSet<StrictRule> Read(IReadOnlyDictionary<string, bool> options, ConfigurationFaults faults)
    {
        HashSet<StrictRule> shadowed = [];
        foreach ((string name, bool isShadowed) in options)
        {
            string? rule = Enum.GetNames<StrictRule>().FirstOrDefault(
                known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (Security.Contains(name))
            {
                faults.Add($"Kms:Shadow:{name}", "is a rule of security, which is never only counted", "remove it");
            }
            else if (rule is null)
            {
                faults.Add($"Kms:Shadow:{name}", "is no such rule",
                    $"write one of {string.Join(", ", Enum.GetNames<StrictRule>())}");
            }
            else if (isShadowed)
            {
                shadowed.Add(Enum.Parse<StrictRule>(rule));
            }
        }

        return shadowed.ToFrozenSet();
    }
}
