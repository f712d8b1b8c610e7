namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Every pair of two lists, as theory data.</summary>
internal static class Matrix
{
    public static TheoryData<TFirst, TSecond> Of<TFirst, TSecond>(IEnumerable<TFirst> first, IReadOnlyCollection<TSecond> second)
    {
        var data = new TheoryData<TFirst, TSecond>();
        foreach (var one in first)
            foreach (var other in second) data.Add(one, other);
        return data;
    }
}
