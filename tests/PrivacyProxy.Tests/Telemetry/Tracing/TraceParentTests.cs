using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Extensions.Primitives;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Tests.Telemetry.Tracing;

public sealed class TraceParentTests
{
    private const string Valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Theory]
    [InlineData(Valid, true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe", false)]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like", true)]
    public void A_valid_field_is_read_with_its_flag(string field, bool isSampled)
    {
        Assert.True(TraceParent.TryParse(field, out var context));
        Assert.Equal(("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"), (context.TraceId.ToString(), context.SpanId.ToString()));
        Assert.Equal(isSampled, context.TraceFlags == ActivityTraceFlags.Recorded);
        Assert.True(context.IsRemote);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Valid + " ")]
    [InlineData(Valid + "-x")]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x")]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    public void A_field_that_breaks_the_rules_is_none(string field) => Assert.False(TraceParent.TryParse(field, out _));

    [Fact]
    public void No_field_and_two_fields_are_none()
    {
        Assert.False(TraceParent.TryParse(StringValues.Empty, out _));
        Assert.False(TraceParent.TryParse(new StringValues([Valid, Valid]), out _));
    }

    [Property]
    public Property Whatever_is_read_writes_back_to_the_same_ids_and_nothing_throws()
    {
        var changed =
            from at in Gen.Choose(0, Valid.Length - 1)
            from with in Gen.Choose(0, 0x17F)
            from cut in Gen.Choose(0, Valid.Length)
            from cuts in Gen.Elements(true, false)
            let text = Valid[..at] + (char)with + Valid[(at + 1)..]
            select cuts ? text[..cut] : text;
        return Prop.ForAll(changed.ToArbitrary(), static text =>
            !TraceParent.TryParse(text, out var context) || text.StartsWith($"{text[..2]}-{context.TraceId}-{context.SpanId}-", StringComparison.Ordinal));
    }
}
