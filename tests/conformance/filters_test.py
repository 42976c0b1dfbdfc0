"""ListSecrets and BatchGetSecretValue with filters: which secrets AWS was seen to select, and in which order."""
import unittest

from harness import case

DESCRIPTIONS = {'a': 'a secret', 'an': 'an secret', 'joined': 'asecret', 'the': 'thesecret'}


class FiltersTest(case.ServedCase):

    def create(self, suffix, **more):
        self.sm().create_secret(Name=self.name(suffix), SecretString=suffix, **more)

    def found(self, *filters, **more):
        """The suffixes of this test's secrets that are selected, as they come."""
        prefix = self.name('')
        pages = self.sm().get_paginator('list_secrets').paginate(
            Filters=[{'Key': key, 'Values': list(values)} for key, *values in filters], **more)
        names = [entry['Name'] for page in pages for entry in page['SecretList']]
        return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]

    def test_names_are_prefixes_and_case_matters(self):
        for suffix in ('Alpha', 'alpha', 'alphabet', 'beta'):
            self.create(suffix)
        prefix = self.name('')
        self.assertEqual(self.found(('name', prefix + 'alpha')), ['alpha', 'alphabet'])
        self.assertEqual(self.found(('name', prefix + 'A')), ['Alpha'])
        self.assertEqual(self.found(('name', prefix + 'pha')), [])
        self.assertEqual(self.found(('name', 'testing1 one')), [])
        self.assertEqual(self.found(('name', '!' + prefix + 'alpha')), ['Alpha', 'beta'])

    def test_descriptions_match_by_the_beginnings_of_words(self):
        for suffix, text in DESCRIPTIONS.items():
            self.create(suffix, Description=text)
        self.assertEqual(self.found(('description', 'a')), ['a', 'an', 'joined'])
        self.assertEqual(self.found(('description', 'A')), ['a', 'an', 'joined'])
        self.assertEqual(self.found(('description', '!c')), list(DESCRIPTIONS))
        self.create('words', Description='one and two')
        self.assertEqual(self.found(('description', 'one two')), ['words'])
        self.assertEqual(self.found(('description', 'o t')), ['words'])
        self.assertEqual(self.found(('description', 'ne')), [])

    def test_tags_are_prefixes_and_case_matters(self):
        self.create('one', Tags=[{'Key': 'Stage', 'Value': 'production'}])
        self.create('two', Tags=[{'Key': 'stage', 'Value': 'Production'}])
        self.assertEqual(self.found(('tag-key', 'Sta')), ['one'])
        self.assertEqual(self.found(('tag-value', 'prod')), ['one'])
        self.assertEqual(self.found(('tag-key', 'stage', 'Stage')), ['one', 'two'])

    def test_all_looks_everywhere(self):
        """A name is split at separators of one kind and where a small letter meets a capital one."""
        for name, more in (
                ('ZooBeta', {'Description': 'first'}), ('zoo/keeper', {}), ('COMPANYthings', {}),
                ('Other', {'Description': 'the zoo of others', 'Tags': [{'Key': 'colour', 'Value': 'light blue'}]})):
            self.sm().create_secret(Name=name, SecretString='x', **more)

        def found(value):
            listed = self.sm().list_secrets(Filters=[{'Key': 'all', 'Values': [value]}])
            return [entry['Name'] for entry in listed['SecretList']]

        self.assertEqual(found('zoo'), ['ZooBeta', 'zoo/keeper', 'Other'])
        self.assertEqual(found('beta'), ['ZooBeta'])
        self.assertEqual(found('keep'), ['zoo/keeper'])
        self.assertEqual(found('ythings'), ['COMPANYthings'])
        self.assertEqual(found('BLUE'), ['Other'])
        self.assertEqual(found('colour'), ['Other'])
        for nothing in ('oo', 'eeper', '/'):
            self.assertEqual(found(nothing), [], nothing)

    def test_filters_are_all_wanted_and_values_are_any(self):
        self.create('one', Description='red', Tags=[{'Key': 'x', 'Value': '1'}])
        self.create('two', Description='red')
        self.create('three', Description='blue')
        self.assertEqual(self.found(('description', 'red'), ('tag-key', 'x')), ['one'])
        self.assertEqual(self.found(('description', 'red', 'blue')), ['one', 'two', 'three'])
        self.assertEqual(self.found(('description', 'red'), ('description', 'blue')), [])
        self.assertEqual(self.found(('description', 'red'), ('description', '!blue')), ['one', 'two'])

    def test_in_the_order_of_creation_or_as_asked_for(self):
        for suffix in ('b', 'c', 'a'):
            self.create(suffix)
            self.advance('1s')
        self.assertEqual(self.found(PaginationConfig={'PageSize': 2}), ['b', 'c', 'a'])
        self.assertEqual(self.found(SortOrder='desc'), ['a', 'c', 'b'])
        self.assertEqual(self.found(SortBy='name', SortOrder='asc'), ['a', 'b', 'c'])
        self.sm().put_secret_value(SecretId=self.name('b'), SecretString='new')
        self.assertEqual(self.found(SortBy='last-changed-date', SortOrder='asc'), ['c', 'a', 'b'])

    def test_a_batch_selects_as_a_list_does(self):
        for suffix in ('one', 'two'):
            self.create(suffix)
        self.sm().create_secret(Name=self.name('empty'))
        batch = self.sm().batch_get_secret_value(Filters=[{'Key': 'name', 'Values': [self.name('')]}])
        self.assertEqual([entry['SecretString'] for entry in batch['SecretValues']], ['one', 'two'])
        self.assertEqual([entry['ErrorCode'] for entry in batch['Errors']], ['ResourceNotFoundException'])


if __name__ == '__main__':
    unittest.main()
