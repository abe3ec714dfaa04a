namespace Watchword.ResourceServers.GroupManagement.Keys;

/// <summary>What is to be done with the key of a group.</summary>
internal enum GroupKeyAct
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>There is none, or it cannot be used any more: a first one is made.</summary>
    Make = 1,

    /// <summary>It goes to members who do not have it.</summary>
    HandOut = 2,

    /// <summary>
    /// It has served its time, or an administrator asked for it: another takes its place, and it still receives until it is superseded.
    /// </summary>
    Renew = 3,

    /// <summary>Somebody has it who may not: another takes its place, and it is revoked at once.</summary>
    Replace = 4,

    /// <summary>Nobody needs it any more: it is revoked.</summary>
    Revoke = 5,
}

/// <summary>
/// The decision about the key of a group (TS 33.180 5.7), of nothing but what the group wants, what it has and the time, so that it can
/// be taken again after a crash at any point.
/// </summary>
/// <param name="Act">What is to be done.</param>
/// <param name="Receivers">Who is to get the key that there is afterwards.</param>
internal sealed record GroupKeyPlan(GroupKeyAct Act, IReadOnlySet<string> Receivers)
{
    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Decides.</summary>
    /// <param name="wish">What the group wants.</param>
    /// <param name="state">The key that it has; null if none, or none that can be used.</param>
    /// <param name="now">The time.</param>
    /// <param name="maximumAge">How long a key is used; null for as long as nobody leaves.</param>
    public static GroupKeyPlan For(GroupKeyWish wish, GroupKeyState? state, DateTimeOffset now, TimeSpan? maximumAge)
    {
        bool wanted = wish.NeedsKey && wish.Members.Count > 0;
        if (state is null)
        {
            return wanted ? new(GroupKeyAct.Make, wish.Members) : new(GroupKeyAct.None, Nobody);
        }

        if (!wanted)
        {
            return new(GroupKeyAct.Revoke, Nobody);
        }

        if (!state.Holders.IsSubsetOf(wish.Members))
        {
            return new(GroupKeyAct.Replace, wish.Members);
        }

        if (wish.RenewalAsked || (maximumAge is { } age && now - state.MadeAt >= age))
        {
            return new(GroupKeyAct.Renew, wish.Members);
        }

        HashSet<string> missing = new(wish.Members.Except(state.Holders, StringComparer.Ordinal), StringComparer.Ordinal);
        return missing.Count > 0 ? new(GroupKeyAct.HandOut, missing) : new(GroupKeyAct.None, Nobody);
    }
}
