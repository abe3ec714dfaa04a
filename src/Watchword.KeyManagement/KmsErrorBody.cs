using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// <c>KmsError</c> of a response or <c>ClientError</c> of a request (<c>ErrorType</c>, TS 33.180 D.2, D.3). The standard lists no
/// codes; deployed servers use HTTP status numbers.
/// </summary>
/// <param name="ErrorCode">The number.</param>
/// <param name="ErrorMsg">Text for a person; no secret, no content of the request.</param>
public sealed record KmsErrorBody(int ErrorCode, string ErrorMsg)
{
    private static readonly ElementSet Children = new("ErrorCode", "ErrorMsg");

    internal static KmsErrorBody Read(AnnexDReader reader)
    {
        reader.CheckVersion();
        int code = 0;
        string message = "";
        ElementCursor child = new(reader, Children);
        while (child.MoveNext())
        {
            if (child.Current == "ErrorCode")
            {
                long value = reader.ReadInteger();
                code = value is >= int.MinValue and <= int.MaxValue
                    ? (int)value
                    : throw reader.Fail(KeyManagementFormatFault.InvalidValue);
            }
            else
            {
                message = reader.ReadString();
            }
        }

        child.Require("ErrorCode", "ErrorMsg");
        return new KmsErrorBody(code, message);
    }

    internal void Write(AnnexDWriter writer, string name)
    {
        writer.Start(name);
        writer.Integer("ErrorCode", ErrorCode);
        writer.Text("ErrorMsg", ErrorMsg);
        writer.End();
    }
}
