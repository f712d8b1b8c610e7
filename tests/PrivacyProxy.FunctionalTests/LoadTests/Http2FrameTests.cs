using PrivacyProxy.LoadTests.Clients;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>Statuses as proxies of other makers write them.</summary>
public sealed class Http2FrameTests
{
    [Theory]
    // RFC 7541, appendices C.5 and C.6: an indexed field, a literal, and the literal in Huffman's code.
    [InlineData("88", 200)]
    [InlineData("8d", 404)]
    [InlineData("4803333032", 302)]
    [InlineData("48826402", 302)]
    [InlineData("4883640eff", 307)]
    // Not remembered, and after a change of the table's size.
    [InlineData("200803353032", 502)]
    [InlineData("08826801", 401)]
    [InlineData("", 0)]
    [InlineData("48", 0)]
    [InlineData("4808", 0)]
    [InlineData("be", 0)]
    public void A_status_is_read_at_the_beginning_of_the_fields(string block, int status) =>
        Assert.Equal(status, Http2Frame.ReadStatus(Convert.FromHexString(block)));

    [Fact]
    public void A_CONNECT_has_no_path_and_no_scheme_and_its_credential_is_whole()
    {
        var credential = "PrivateToken token=\"" + new string('x', 500) + "\"";
        var block = Http2Frame.WriteConnect("192.0.2.1:443", credential);
        var text = System.Text.Encoding.ASCII.GetString(block);
        Assert.Equal(2, block[0]);
        Assert.Contains("CONNECT", text, StringComparison.Ordinal);
        Assert.Contains("192.0.2.1:443", text, StringComparison.Ordinal);
        // Name 49 of the static table, then 127 and the rest in sevens.
        var at = text.IndexOf("PrivateToken", StringComparison.Ordinal);
        Assert.Equal([0x1f, 34, 0x7f, (byte)(((credential.Length - 127) & 0x7f) | 0x80), (byte)((credential.Length - 127) >> 7)], block[(at - 5)..at]);
        Assert.EndsWith(credential, text, StringComparison.Ordinal);
    }
}
