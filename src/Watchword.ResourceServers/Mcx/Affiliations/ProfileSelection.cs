using Watchword.McServices;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;

namespace Watchword.ResourceServers.Mcx.Affiliations;

/// <summary>Which of a user's profiles is used, wherever they were read.</summary>
internal static class ProfileSelection
{
    /// <summary>
    /// The profile that is marked as pre-selected; where none is marked, the only one that there is. Those that may not be used do
    /// not count.
    /// </summary>
    public static UserProfile? PreSelected(IEnumerable<UserProfile> profiles)
    {
        UserProfile[] enabled = [.. profiles.Where(profile => profile.IsEnabled)];
        UserProfile[] marked = [.. enabled.Where(profile => profile.IsPreSelected)];
        return marked.Length > 0 ? marked.MinBy(profile => profile.Index) : enabled.Length == 1 ? enabled[0] : null;
    }

    /// <summary>Reads one; null if it is not a profile of this user. What cannot be read affiliates nobody.</summary>
    public static UserProfile? Read(McServiceNames service, string serviceId, ReadOnlyMemory<byte> document)
    {
        try
        {
            UserProfile profile = UserProfile.Parse(service, document);
            return profile.UserId is null || profile.UserId == serviceId ? profile : null;
        }
        catch (McServicesFormatException)
        {
            return null;
        }
    }
}
