using System.Text.Json;
using Watchword.Authorization.Tokens;
using Watchword.Identity;

namespace Watchword.Authorization.Events;

/// <summary>Reads one page of the list of subjects that are not simply enabled.</summary>
internal static class SnapshotReader
{
    public static SecurityEvent? TryRead(SecurityEvent envelope, JsonElement payload)
    {
        List<SubjectChange> changes = [];
        if (!SecurityEventReader.TryGetNumber(payload, SecurityEventNames.Page, least: 1, out long page)
            // The pages are the first events of their run.
            || page != envelope.Sequence
            || !payload.TryGetProperty(SecurityEventNames.Last, out JsonElement last)
            || last.ValueKind is not (JsonValueKind.True or JsonValueKind.False)
            || !TryAddList(payload, SecurityEventNames.Disabled, SubjectState.Disabled, changes)
            || !TryAddList(payload, SecurityEventNames.Removed, SubjectState.Removed, changes)
            || !TryAddEnded(payload, changes))
        {
            return null;
        }

        return envelope.With(begins: page == 1, ends: last.GetBoolean(), changes);
    }

    private static bool TryAddList(JsonElement payload, string name, SubjectState state, List<SubjectChange> changes)
    {
        if (!payload.TryGetProperty(name, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (JsonElement item in list.EnumerateArray())
        {
            if (!StrictJson.TryGetString(item, out string? subject) || !StrictJson.IsName(subject))
            {
                return false;
            }

            changes.Add(new SubjectChange(subject, state, null));
        }

        return true;
    }

    private static bool TryAddEnded(JsonElement payload, List<SubjectChange> changes)
    {
        if (!payload.TryGetProperty(SecurityEventNames.TokensEnded, out JsonElement ended)
            || ended.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (JsonProperty member in ended.EnumerateObject())
        {
            if (!StrictJson.IsName(member.Name) || !StrictJson.TryGetTime(member.Value, out DateTimeOffset time))
            {
                return false;
            }

            changes.Add(new SubjectChange(member.Name, SubjectState.Enabled, time));
        }

        return true;
    }
}
