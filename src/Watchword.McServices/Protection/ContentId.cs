using System.Text;

namespace Watchword.McServices.Protection;

/// <summary>
/// The Content-ID of a body as a reference: a <c>cid:</c> URL (RFC 2392). TS 36.579-1 5.5.13 says that the reference is the
/// Content-ID itself, so that is read as well.
/// </summary>
internal static class ContentId
{
    private const string Scheme = "cid:";
    private const int MaximumLength = 256;

    /// <summary>
    /// Printable ASCII without spaces and angle brackets, as <c>msg-id</c> of RFC 5322 has it between its brackets.
    /// </summary>
    public static bool IsValid(string contentId) =>
        contentId.Length is > 0 and <= MaximumLength && contentId.All(c => c is > ' ' and < (char)0x7F and not ('<' or '>'));

    public static string ToReference(string contentId)
    {
        StringBuilder reference = new(Scheme);
        foreach (char c in contentId)
        {
            reference.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~' or '@'
                ? c.ToString() : $"%{(int)c:X2}");
        }

        return reference.ToString();
    }

    public static bool TryFromReference(string reference, out string contentId)
    {
        contentId = reference.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? Uri.UnescapeDataString(reference[Scheme.Length..])
            : reference is ['<', .. string inner, '>'] ? inner : reference;
        return IsValid(contentId) && !contentId.StartsWith('#');
    }
}
