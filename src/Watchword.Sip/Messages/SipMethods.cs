namespace Watchword.Sip;

/// <summary>Methods; they are compared with case (RFC 3261 §7.1).</summary>
public static class SipMethods
{
#pragma warning disable CS1591 // Each constant is the method that it holds.
    public const string Ack = "ACK";
    public const string Bye = "BYE";
    public const string Cancel = "CANCEL";
    public const string Invite = "INVITE";
    public const string Message = "MESSAGE";
    public const string Notify = "NOTIFY";
    public const string Options = "OPTIONS";
    public const string Publish = "PUBLISH";
    public const string Register = "REGISTER";
    public const string Subscribe = "SUBSCRIBE";
#pragma warning restore CS1591
}
